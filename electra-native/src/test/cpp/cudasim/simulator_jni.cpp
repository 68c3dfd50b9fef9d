// Lets the tests of the JVM make kernels that run on the simulator. CUDASIM_CLASS is the class that loads
// this library: each flavour has its own.
#include <jni.h>

#include "cuda/cuda_kernels.h"
#include "cudasim.h"

#define JOIN_(name, method) Java_org_electra4j_kernels_##name##_##method
#define JOIN(name, method) JOIN_(name, method)
#define METHOD(method) JOIN(CUDASIM_CLASS, method)

namespace {

/** Runs a body and turns what it throws into a RuntimeException. */
template <typename Body>
auto guarded(JNIEnv* env, const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& e) {
    env->ThrowNew(env->FindClass("java/lang/RuntimeException"), e.what());
    return {};
  }
}

}  // namespace

extern "C" {

JNIEXPORT jlong JNICALL METHOD(create)(JNIEnv* env, jobject, jboolean bf16, jint threads, jboolean graphs) {
  return guarded(
      env, [&] { return reinterpret_cast<jlong>(electra::cuda::create_kernels(0, bf16, threads, graphs)); });
}

/** Whether work waits until somebody waits for it. */
JNIEXPORT void JNICALL METHOD(defer)(JNIEnv*, jobject, jboolean on) { cudasim::options().deferred = on; }

/** Whether updates of graphs keep the arguments of kernels, by mistake. */
JNIEXPORT void JNICALL METHOD(staleGraphs)(JNIEnv*, jobject, jboolean on) {
  cudasim::options().stale_graphs = on;
}

/** The memory of the card, 0 for as much as there is. */
JNIEXPORT void JNICALL METHOD(capacity)(JNIEnv*, jobject, jlong bytes) {
  cudasim::options().capacity = static_cast<size_t>(bytes);
}

/** Graphs made, updated and launched so far. */
JNIEXPORT jlongArray JNICALL METHOD(graphs)(JNIEnv* env, jobject) {
  const cudasim::Stats& stats = cudasim::stats();
  const jlong values[] = {static_cast<jlong>(stats.instantiations), static_cast<jlong>(stats.updates),
                          static_cast<jlong>(stats.graph_launches)};
  jlongArray array = env->NewLongArray(3);
  env->SetLongArrayRegion(array, 0, 3, values);
  return array;
}

/** Allocations of the card's memory so far. */
JNIEXPORT jlong JNICALL METHOD(allocations)(JNIEnv*, jobject) {
  return static_cast<jlong>(cudasim::stats().allocations);
}

/** Bytes of the card's memory that are allocated now. */
JNIEXPORT jlong JNICALL METHOD(allocatedBytes)(JNIEnv*, jobject) {
  return static_cast<jlong>(cudasim::allocated_bytes());
}

/** Order 0: forward, 1: reverse, 2: random. */
JNIEXPORT void JNICALL METHOD(order)(JNIEnv*, jobject, jint order, jlong seed, jint preempt) {
  cudasim::options().order = static_cast<cudasim::Order>(order);
  cudasim::options().seed = static_cast<uint64_t>(seed);
  cudasim::options().preempt = static_cast<unsigned>(preempt);
}

JNIEXPORT void JNICALL METHOD(recordSites)(JNIEnv*, jobject, jboolean on) {
  cudasim::options().records_sites = on;
}

/** The recorded sites, and forgets them. */
JNIEXPORT jobjectArray JNICALL METHOD(takeSites)(JNIEnv* env, jobject) {
  const std::vector<std::string> sites = cudasim::take_sites();
  jobjectArray array =
      env->NewObjectArray(static_cast<jsize>(sites.size()), env->FindClass("java/lang/String"), nullptr);
  for (size_t i = 0; i < sites.size(); i++) {
    jstring site = env->NewStringUTF(sites[i].c_str());
    env->SetObjectArrayElement(array, static_cast<jsize>(i), site);
    env->DeleteLocalRef(site);
  }
  return array;
}

/** Fault 0: none. */
JNIEXPORT void JNICALL METHOD(fault)(JNIEnv* env, jobject, jint fault, jstring file, jint line) {
  const char* name = env->GetStringUTFChars(file, nullptr);
  cudasim::options().fault = static_cast<cudasim::Fault>(fault);
  cudasim::options().fault_file = name;
  cudasim::options().fault_line = line;
  env->ReleaseStringUTFChars(file, name);
}

JNIEXPORT jboolean JNICALL METHOD(checks)(JNIEnv*, jobject) { return cudasim::instrumented(); }
}
