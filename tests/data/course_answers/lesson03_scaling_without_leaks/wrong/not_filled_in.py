# training_range: not filled in yet
def fit_minmax(train):
    raise NotImplementedError
