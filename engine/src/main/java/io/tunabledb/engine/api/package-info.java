/**
 * What every floor of the engine may use: a statement's parameters, options and result, and the one factory of errors.
 * Ground floor: knows only the vocabulary of levels.
 */
@NullMarked
package io.tunabledb.engine.api;

import org.jspecify.annotations.NullMarked;
