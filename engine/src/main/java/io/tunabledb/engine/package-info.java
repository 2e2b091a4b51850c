/**
 * The engine's roof: open a {@link io.tunabledb.engine.Database}, get a session, execute the texts it prepares. Clients see
 * sessions by the interfaces of {@link io.tunabledb.engine.client}; of this package the driver knows who opens a session
 * and the nodes that run in this JVM.
 */
@NullMarked
package io.tunabledb.engine;

import org.jspecify.annotations.NullMarked;
