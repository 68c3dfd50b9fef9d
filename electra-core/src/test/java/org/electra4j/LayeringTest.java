package org.electra4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.Set;

/** Imports run downwards only. */
@AnalyzeClasses(packages = "org.electra4j", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
  private static final String ROOT = "org.electra4j";

  /** Values of the root package that every layer may name; they name nothing above text. */
  private static final Set<String> VALUES =
      Set.of(
          "Device",
          "ElectraConfig",
          "Objective",
          "Precision",
          "PretrainingConfig",
          "PretrainingValues",
          "PretrainingResult",
          "Tying");

  @ArchTest static final ArchRule text = mayUse("text");
  @ArchTest static final ArchRule data = mayUse("data", "text", "backend");
  @ArchTest static final ArchRule backend = mayUse("backend");
  @ArchTest static final ArchRule tensor = mayUse("tensor", "backend");
  @ArchTest static final ArchRule io = mayUse("io", "text", "tensor");
  @ArchTest static final ArchRule autograd = mayUse("autograd", "tensor", "backend");
  @ArchTest static final ArchRule nn = mayUse("nn", "autograd", "tensor", "backend");
  @ArchTest static final ArchRule optim = mayUse("optim", "nn", "tensor", "backend");

  @ArchTest
  static final ArchRule model = mayUse("model", "nn", "autograd", "tensor", "io", "backend");

  @ArchTest
  static final ArchRule inference =
      mayUse("inference", "model", "nn", "autograd", "tensor", "io", "text", "backend");

  @ArchTest
  static final ArchRule train =
      mayUse(
          "train", "model", "optim", "nn", "autograd", "tensor", "io", "text", "data", "backend");

  @ArchTest static final ArchRule finetuneData = mayUse("finetune.data", "io", "text");
  @ArchTest static final ArchRule finetuneMetrics = mayUse("finetune.metrics", "finetune.data");

  @ArchTest
  static final ArchRule finetune =
      mayUse(
          "finetune",
          "train",
          "inference",
          "model",
          "optim",
          "nn",
          "autograd",
          "tensor",
          "io",
          "text",
          "data",
          "backend");

  @ArchTest
  static final ArchRule values =
      noClasses()
          .that(areValues())
          .should()
          .dependOnClassesThat(
              resideInAPackage(ROOT + "..")
                  .and(DescribedPredicate.not(areValues()))
                  .and(DescribedPredicate.not(resideInAPackage(ROOT + ".text")))
                  .and(DescribedPredicate.not(ownChecks())));

  @ArchTest
  static final ArchRule coreNamesNoNativeCode =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.bytedeco..", ROOT + ".kernels..");

  private static ArchRule mayUse(String layer, String... below) {
    String[] packages =
        Arrays.stream(below).map(name -> ROOT + "." + name + "..").toArray(String[]::new);
    DescribedPredicate<JavaClass> allowed =
        resideInAPackage(ROOT + "." + layer + "..")
            .or(resideInAnyPackage(packages))
            .or(areValues())
            .or(DescribedPredicate.not(resideInAPackage(ROOT + "..")));
    return classes()
        .that()
        .resideInAPackage(ROOT + "." + layer + "..")
        .should()
        .onlyDependOnClassesThat(allowed)
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> areValues() {
    return DescribedPredicate.describe(
        "are values of the root package",
        c ->
            c.getPackageName().equals(ROOT)
                && VALUES.contains(outermost(c.getBaseComponentType())));
  }

  private static DescribedPredicate<JavaClass> ownChecks() {
    return DescribedPredicate.describe(
        "are package-private helpers of the root package",
        c -> c.getPackageName().equals(ROOT) && outermost(c).endsWith("Check"));
  }

  private static String outermost(JavaClass c) {
    String name = c.getName().substring(c.getPackageName().length() + 1);
    int dollar = name.indexOf('$');
    return dollar < 0 ? name : name.substring(0, dollar);
  }
}
