"""Lesson 20: from network to exact."""
