# SPDX-License-Identifier: GPL-2.0-or-later
"""What the end-to-end tests are made of. Each file does one thing; tests are in ../test_*.py."""
