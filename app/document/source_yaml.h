/* Tensor sources in YAML: a word ("random 7"), a number, a list of numbers, or a map with edits. */
#ifndef DOCUMENT_SOURCE_YAML_H
#define DOCUMENT_SOURCE_YAML_H

#include "document_yaml.h"

/* Reads a source; `brought` receives the shape that it brings with it (a nested list, a picture, a file), else rank 0.
 * Edits are left for source_read_edits, which needs the tensor's shape. */
bool source_read_yaml(const yaml_tree *t, yaml_value v, tensor_source *s, conv_shape *brought, failure *f);
bool source_read_edits(const yaml_tree *t, yaml_value v, tensor_source *s, const conv_shape *shape, failure *f);

/* A place in a tensor: a flat index, or a list with one number for each axis. */
bool place_read_yaml(const yaml_tree *t, yaml_value v, const conv_shape *shape, int64_t *index, failure *f);

#endif
