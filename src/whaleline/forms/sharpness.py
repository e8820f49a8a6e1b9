"""How sharp a page's print is: a faint or blurred one does not tell which form it is."""

from __future__ import annotations

import cv2
import numpy as np

from whaleline.forms.form_picture import even
from whaleline.imaging.picture import Picture, grey, resized

_SIDE = 1000  # pixels of the longer side, at which pages are compared
_STEEPEST = 0.999  # share of a page's places that are less steep than the sides of its print
_DIM = 0.5  # times the form's sharpness, less of which is too little; that of scans of any form is 0.55 and more


def is_dim(scan: Picture, form: Picture) -> bool:
    """Whether a scan is so much fainter or more blurred than a form's picture that print cannot be compared."""
    return _sharpness(scan) < _DIM * _sharpness(form)


def _sharpness(page: Picture) -> float:
    flat = grey(page)
    print_ = even(resized(flat, min(2.0, _SIDE / max(flat.shape))))
    across, down = (cv2.Sobel(print_, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    return float(np.quantile(np.hypot(across, down), _STEEPEST))
