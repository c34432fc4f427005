"""Tests of kinverse: the folders mirror `src/kinverse`, helpers are in `support`, files to read in `data`."""
