/* Network files: layers with named inputs, for what is no chain (the skips of an FCN or a U-Net). YAML, UTF-8:
 *
 *     input: [1, 1, 28, 28]          # optional: the shape when none is given
 *     layers:
 *       - name: down
 *         layer: nn.Conv2d(1, 8, 3, padding=1)
 *       - name: pool
 *         layer: nn.MaxPool2d(2)     # without `from` a layer reads the one above it; the first one reads `input`
 *       - name: up
 *         layer: nn.ConvTranspose2d(8, 8, 2, stride=2)
 *       - name: join
 *         layer: Cat(dim=1)          # Add() adds
 *         from: [up, down]
 *       - name: unpool
 *         layer: nn.MaxUnpool2d(2)
 *         indices: pool
 *
 * Tensors in a state_dict are called NAME.weight and so on. */
#ifndef DOCUMENT_NETWORK_FILE_H
#define DOCUMENT_NETWORK_FILE_H

#include "app/expression/expression.h"
#include "yaml_tree.h"

enum { NETWORK_FILE_MAX_BYTES = 1 << 20 };

/* Reads a file. `shape` receives its `input`, or rank 0. The failure says the file's line and column. */
bool network_file_read(const char *path, expression *e, conv_shape *shape, failure *f);

/* The same from text; `path` is for messages. */
bool network_text_read(const char *text, size_t size, const char *path, expression *e, conv_shape *shape, failure *f);

/* The list of layers alone, where it is part of another file. The caller frees *layers (memory_free). */
bool layers_read_yaml(const yaml_tree *t, yaml_value list, conv_layer **layers, int *count, failure *f);

#endif
