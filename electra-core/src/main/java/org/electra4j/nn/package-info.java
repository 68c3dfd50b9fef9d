/**
 * Parameters and the layers that are made of them. All parameters of a model live in one arena of
 * {@link org.electra4j.nn.ParameterStore}. Imports {@code autograd}, {@code tensor} and {@code
 * backend}. Read {@link org.electra4j.nn.ParameterStore} first.
 */
package org.electra4j.nn;
