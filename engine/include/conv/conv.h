/* libconv: PyTorch's convolutions and what belongs to them, computed, traced and explained. Includes everything. */
#ifndef CONV_CONV_H
#define CONV_CONV_H

#include "analysis.h"
#include "engine.h"
#include "error.h"
#include "layout.h"
#include "network.h"
#include "operation.h"
#include "plan.h"
#include "tensor.h"
#include "trace.h"

#endif
