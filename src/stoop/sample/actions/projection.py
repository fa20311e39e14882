"""Metres of UTM zone 20 North (EPSG:32620) to degrees, so that writing needs no PROJ.

Source: Krueger's series in the third flattening n, to n^4 (C. Karney, Transverse Mercator with an
accuracy of a few nanometers, Journal of Geodesy 85, 2011, eqs. 11 and 36). Inside the city it
agrees with PROJ to better than a tenth of a millimetre.
"""

import numpy as np

from stoop.sample.actions.draws import Floats

EPSG = 32620
CENTRAL_MERIDIAN = -63.0
FALSE_EASTING_M = 500_000.0
SCALE = 0.9996
EQUATOR_RADIUS_M = 6_378_137.0
N = (1 / 298.257223563) / (2 - 1 / 298.257223563)
RECTIFYING_RADIUS_M = EQUATOR_RADIUS_M / (1 + N) * (1 + N**2 / 4 + N**4 / 64)
BETA = (
    N / 2 - 2 * N**2 / 3 + 37 * N**3 / 96 - N**4 / 360,
    N**2 / 48 + N**3 / 15 - 437 * N**4 / 1440,
    17 * N**3 / 480 - 37 * N**4 / 840,
    4397 * N**4 / 161280,
)
DELTA = (
    2 * N - 2 * N**2 / 3 - 2 * N**3 + 116 * N**4 / 45,
    7 * N**2 / 3 - 8 * N**3 / 5 - 227 * N**4 / 45,
    56 * N**3 / 15 - 136 * N**4 / 35,
    4279 * N**4 / 630,
)


def degrees(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude (WGS 84), rounded to 1e-9 degree (a tenth of a millimetre)."""
    xi = y_m / (SCALE * RECTIFYING_RADIUS_M)
    eta = (x_m - FALSE_EASTING_M) / (SCALE * RECTIFYING_RADIUS_M)
    xi_sphere, eta_sphere = xi.copy(), eta.copy()
    for k, beta in enumerate(BETA, start=1):
        xi_sphere -= beta * np.sin(2 * k * xi) * np.cosh(2 * k * eta)
        eta_sphere -= beta * np.cos(2 * k * xi) * np.sinh(2 * k * eta)
    conformal = np.arcsin(np.sin(xi_sphere) / np.cosh(eta_sphere))
    latitude = conformal.copy()
    for k, delta in enumerate(DELTA, start=1):
        latitude += delta * np.sin(2 * k * conformal)
    longitude = np.asarray(np.arctan2(np.sinh(eta_sphere), np.cos(xi_sphere)), np.float64)
    longitude_degrees = CENTRAL_MERIDIAN + longitude * (180 / np.pi)
    return np.round(longitude_degrees, 9), np.round(latitude * (180 / np.pi), 9)
