# With the library.
import numpy as np
from sklearn.preprocessing import MinMaxScaler


def fit_minmax(train):
    scaler = MinMaxScaler().fit(train)
    return scaler.data_min_, 1.0 / scaler.scale_


def scale_splits(train, validation, test):
    scaler = MinMaxScaler().fit(train)
    return [scaler.transform(table) for table in (train, validation, test)]


def unscale(scaled, shift, scale):
    return np.asarray(scaled) * scale + shift
