"""Study: backpropagation by hand."""
