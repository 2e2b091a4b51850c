/**
 * The tools an application brings along, in front of the driver: they work unmodified, and a level asked through their
 * own API takes effect.
 */
package io.tunabledb.integration;
