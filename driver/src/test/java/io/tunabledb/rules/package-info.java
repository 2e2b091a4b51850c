/** Consistency rules and the downgrade under load, through the driver, in one JVM. */
package io.tunabledb.rules;
