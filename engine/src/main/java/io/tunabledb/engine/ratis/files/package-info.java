/**
 * A replica's files beside what Ratis itself makes of them: torn and covered logs, votes, what was seen last, the folders'
 * names. Used while a node starts, before its server does.
 */
@NullMarked
package io.tunabledb.engine.ratis.files;

import org.jspecify.annotations.NullMarked;
