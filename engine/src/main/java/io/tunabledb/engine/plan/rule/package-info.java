/**
 * Consistency rules as the settings that hold them, and their order. Pure.
 */
@NullMarked
package io.tunabledb.engine.plan.rule;

import org.jspecify.annotations.NullMarked;
