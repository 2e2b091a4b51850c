/** Plan, agreement and the cluster as it is seen, to an order of replicas to try. Pure. */
@NullMarked
package io.tunabledb.engine.route;

import org.jspecify.annotations.NullMarked;
