/** Tests of the packed jar; all others run on classes. */
package io.tunabledb.jar;
