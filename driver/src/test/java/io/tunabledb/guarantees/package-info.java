/**
 * What each level and each write promises, proved through plain JDBC while the nodes are cut off, slowed and killed. For
 * every promise one test that it holds, and a negative control: the same moves at a weaker level show the anomaly, so
 * the first test could have seen it.
 */
package io.tunabledb.guarantees;
