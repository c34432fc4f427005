# With the libraries.
import pandas as pd
from sklearn.model_selection import train_test_split


def load_rows(path):
    table = pd.read_csv(path).dropna()
    return table[["x", "y"]].to_numpy(), table[["theta1", "theta2", "theta3"]].to_numpy()


def split_rows(features, targets, seed):
    x, x_test, y, y_test = train_test_split(features, targets, test_size=0.2, random_state=seed)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, random_state=seed)
    return {"train": (x_train, y_train), "validation": (x_val, y_val), "test": (x_test, y_test)}
