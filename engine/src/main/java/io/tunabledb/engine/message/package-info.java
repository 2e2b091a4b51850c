/**
 * What nodes say to each other: every question one node asks of another, and its answer, is a record in here. {@code
 * DESIGN.md} beside this says what goes this way and what does not yet. Who answers is in package {@code peer}.
 */
@NullMarked
package io.tunabledb.engine.message;

import org.jspecify.annotations.NullMarked;
