/**
 * AdamW as ELECTRA has it, schedules and layer-wise rates. Imports {@code nn}, {@code tensor},
 * {@code backend}. Read {@link org.electra4j.optim.AdamW} first.
 */
package org.electra4j.optim;
