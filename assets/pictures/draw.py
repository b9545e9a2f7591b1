#!/usr/bin/python3
"""Draws the sample pictures: lighthouse.png (colour) and night.png (grey). Needs NumPy and OpenCV; the result is the same each time.

Every shape is given by its signed distance; four samples a pixel and a soft edge smooth it."""
import os

import cv2
import numpy as np

OVER = 4


def grid(width, height):
    y, x = np.mgrid[0 : height * OVER, 0 : width * OVER]
    return (x + 0.5) / OVER, (y + 0.5) / OVER


def cover(distance):
    return np.clip(0.5 - distance * OVER, 0, 1)[..., None]


def paint(picture, distance, colour):
    a = cover(distance)
    return picture * (1 - a) + np.array(colour, float) * a


def disc(x, y, cx, cy, r):
    return np.hypot(x - cx, y - cy) - r


def rectangle(x, y, left, top, right, bottom):
    return np.maximum(np.maximum(left - x, x - right), np.maximum(top - y, y - bottom))


def trapezoid(x, y, cx, top, bottom, half_top, half_bottom):
    t = np.clip((y - top) / (bottom - top), 0, 1)
    half = half_top + (half_bottom - half_top) * t
    return np.maximum(np.abs(x - cx) - half, np.maximum(top - y, y - bottom))


def shrink(picture):
    height, width = picture.shape[0] // OVER, picture.shape[1] // OVER
    small = picture.reshape(height, OVER, width, OVER, -1).mean(axis=(1, 3))
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


def lighthouse():
    width, height = 144, 96
    x, y = grid(width, height)
    sky = np.clip(y / 62, 0, 1)[..., None]
    picture = np.array([96, 152, 206.0]) * (1 - sky) + np.array([246, 214, 170.0]) * sky
    picture = paint(picture, disc(x, y, 32, 40, 11), [255, 244, 214])
    for cx, cy, w in ((58, 16, 15), (70, 13, 11), (82, 18, 13), (18, 22, 10), (28, 20, 9)):
        picture = paint(picture, np.hypot((x - cx) / w, (y - cy) / 4.2) * 4.2 - 4.2, [250, 248, 246])
    depth = np.clip((y - 62) / 34, 0, 1)[..., None]  # darker towards the viewer: no two rows are alike
    picture = paint(picture, 62 - y, np.array([58, 112, 148.0]) * (1 - depth) + np.array([34, 80, 114.0]) * depth)
    for row in range(9):
        wave = 65 + row * row * 0.45 + row * 1.6 + np.sin(x / (3.5 + row) + row * 2) * (0.5 + row * 0.13)
        picture = paint(picture, np.abs(y - wave) - 0.45 - 0.04 * row, [120, 170, 190])
    boat = np.maximum(np.abs(y - 69.5) - 2.2, np.abs(x - 30) - 8 + (y - 68) * 1.2)
    picture = paint(picture, boat, [96, 40, 36])
    sail = np.maximum(np.maximum(x - 36 + (66 - y) * 0.35, 29 - x), np.maximum(49 - y, y - 66))
    picture = paint(picture, sail, [252, 250, 244])
    rock = y - (79 - 9 * np.exp(-((x - 108) / 17) ** 2) - 5 * np.exp(-((x - 126) / 9) ** 2) - 2 * np.sin(x / 2.1))
    shade = np.clip((y - 66) / 30, 0, 1)[..., None]
    stone = np.array([98, 88, 84.0]) * (1 - shade) + np.array([42, 36, 36.0]) * shade
    picture = paint(picture, np.maximum(-rock, 72 - x - np.sin(y) * 2), stone)
    picture = paint(picture, trapezoid(x, y, 108, 27, 76, 5.2, 9), [244, 240, 232])
    for top in (33, 47, 61):
        band = np.maximum(trapezoid(x, y, 108, 27, 76, 5.2, 9), np.maximum(top - y, y - top - 6.5))
        picture = paint(picture, band, [190, 46, 42])
    picture = paint(picture, rectangle(x, y, 100.5, 25, 115.5, 27.5), [48, 46, 52])
    picture = paint(picture, rectangle(x, y, 103.5, 16.5, 112.5, 25), [255, 226, 120])
    for bar in (103.5, 108, 112.5):
        picture = paint(picture, rectangle(x, y, bar - 0.5, 16.5, bar + 0.5, 25), [48, 46, 52])
    roof = np.maximum(np.abs(x - 108) - (y - 9) * 0.95, np.maximum(9 - y, y - 16.8))
    picture = paint(picture, roof, [150, 36, 34])
    picture = paint(picture, rectangle(x, y, 106.3, 68, 109.7, 76), [48, 46, 52])
    for window in (42, 56):
        picture = paint(picture, rectangle(x, y, 107, window, 109, window + 3.2), [60, 70, 86])
    return shrink(picture)


def night():
    """A large moon, a row of lamps and four lone stars of one pixel each: what poolings lose."""
    side = 64
    x, y = grid(side, side)
    picture = np.full((side * OVER, side * OVER, 1), 10.0)
    picture = paint(picture, disc(x, y, 44, 18, 10), [235])
    picture = paint(picture, disc(x, y, 40, 15, 2.4), [205])
    picture = paint(picture, disc(x, y, 47, 22, 1.7), [205])
    for left, top in ((2, 44), (13, 38), (24, 47), (34, 41), (46, 35), (55, 45)):
        picture = paint(picture, rectangle(x, y, left, top, left + 8, side), [46])
    small = shrink(picture)
    for row, column in ((6, 9), (21, 22), (28, 5), (30, 57)):
        small[row, column] = 255
    for column in (5, 16, 27, 38, 50, 59):
        small[52, column] = 220
    return small


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    cv2.imwrite(os.path.join(folder, "lighthouse.png"), lighthouse()[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    cv2.imwrite(os.path.join(folder, "night.png"), night(), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
