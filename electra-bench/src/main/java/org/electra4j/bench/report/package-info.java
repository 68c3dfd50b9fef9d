/**
 * Reports: sets of benchmarks that are run in turn with their peers, and the Markdown tables and
 * plots that come of it. Start at {@link org.electra4j.bench.report.ReportCommand}; what is
 * compared with what stands in the {@code *Sections} classes.
 */
package org.electra4j.bench.report;
