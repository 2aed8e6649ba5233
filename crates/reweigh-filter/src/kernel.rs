//! The matrix arithmetic: plain loops over fixed-size arrays, in one fixed order.
//!
//! Two habits keep it fast and exact. Every covariance is computed in its lower triangle and
//! mirrored, so it is symmetric by construction. And terms whose coefficient is zero are skipped:
//! where a model's zeros are constants the compiler removes those terms and the question with them, so that
//! the general code costs what code written for that model would.
#![expect(clippy::indexing_slicing, reason = "every index runs to the const generic length of its array")]
#![expect(clippy::needless_range_loop, reason = "row and column numbers are what the formulas speak of")]

use nalgebra::{ArrayStorage, SMatrix, SVector};

use crate::error::{FilterError, Quantity, ordinal};

/// A matrix from its columns.
#[inline]
pub(crate) fn matrix<const R: usize, const C: usize>(columns: [[f64; R]; C]) -> SMatrix<f64, R, C> {
    SMatrix::from_array_storage(ArrayStorage(columns))
}

#[inline]
pub(crate) fn vector<const N: usize>(entries: [f64; N]) -> SVector<f64, N> {
    matrix([entries])
}

#[inline]
pub(crate) fn entries<const N: usize>(v: &SVector<f64, N>) -> &[f64; N] {
    &v.data.0[0]
}

#[inline]
pub(crate) fn columns<const R: usize, const C: usize>(m: &SMatrix<f64, R, C>) -> &[[f64; R]; C] {
    &m.data.0
}

#[inline]
pub(crate) fn identity<const N: usize>() -> SMatrix<f64, N, N> {
    let mut columns = [[0.0; N]; N];
    for i in 0..N {
        columns[i][i] = 1.0;
    }
    matrix(columns)
}

/// Fills the upper triangle from the lower one.
#[inline]
fn mirror<const N: usize>(lower: &mut [[f64; N]; N]) {
    for column in 0..N {
        for row in (column + 1)..N {
            lower[row][column] = lower[column][row];
        }
    }
}

/// `hᵀ x`.
#[inline]
pub(crate) fn dot<const N: usize>(h: &SVector<f64, N>, x: &SVector<f64, N>) -> f64 {
    let (h, x) = (entries(h), entries(x));
    let mut sum = 0.0;
    let mut first = true;
    for i in 0..N {
        if h[i] != 0.0 {
            // Not `0.0 + …`: the compiler must keep that addition, as it would turn -0.0 into 0.0.
            sum = if first { h[i] * x[i] } else { sum + h[i] * x[i] };
            first = false;
        }
    }
    sum
}

/// `P h` for a symmetric `P`.
#[inline]
pub(crate) fn symmetric_times<const N: usize>(
    p: &SMatrix<f64, N, N>,
    h: &SVector<f64, N>,
) -> SVector<f64, N> {
    let mut out = [0.0; N];
    for i in 0..N {
        // Column i is row i.
        out[i] = dot(h, &vector(columns(p)[i]));
    }
    vector(out)
}

/// Which entries of a matrix may differ from zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pattern<const N: usize>(pub(crate) [[bool; N]; N]);

impl<const N: usize> Pattern<N> {
    #[inline]
    pub(crate) const fn dense() -> Self {
        Self([[true; N]; N])
    }

    pub(crate) fn of(a: &SMatrix<f64, N, N>) -> Self {
        Self(columns(a).map(|column| column.map(|entry| entry != 0.0)))
    }

    #[inline]
    fn has(&self, row: usize, column: usize) -> bool {
        self.0[column][row]
    }
}

/// `A x`.
#[inline]
pub(crate) fn times<const N: usize>(a: &SMatrix<f64, N, N>, x: &SVector<f64, N>) -> SVector<f64, N> {
    sparse_times(a, &Pattern::dense(), x)
}

/// `A x` without the terms that are zero for sure.
#[inline]
pub(crate) fn sparse_times<const N: usize>(
    a: &SMatrix<f64, N, N>,
    pattern: &Pattern<N>,
    x: &SVector<f64, N>,
) -> SVector<f64, N> {
    let (a, x) = (columns(a), entries(x));
    let mut out = [0.0; N];
    for i in 0..N {
        let mut sum = a[i][i] * x[i];
        for l in 0..N {
            if l != i && pattern.has(i, l) {
                sum += a[l][i] * x[l];
            }
        }
        out[i] = sum;
    }
    vector(out)
}

/// `A P Aᵀ + Q` for symmetric `P` and `Q`.
#[inline]
pub(crate) fn congruence<const N: usize>(
    a: &SMatrix<f64, N, N>,
    p: &SMatrix<f64, N, N>,
    q: &SMatrix<f64, N, N>,
) -> SMatrix<f64, N, N> {
    sparse_congruence(a, &Pattern::dense(), p, q)
}

/// `A P Aᵀ + Q` without the terms that are zero for sure.
#[inline]
pub(crate) fn sparse_congruence<const N: usize>(
    a: &SMatrix<f64, N, N>,
    pattern: &Pattern<N>,
    p: &SMatrix<f64, N, N>,
    q: &SMatrix<f64, N, N>,
) -> SMatrix<f64, N, N> {
    let (a, p, q) = (columns(a), columns(p), columns(q));
    // Row i of A P.
    let mut ap = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..N {
            let mut sum = a[i][i] * p[j][i];
            for l in 0..N {
                if l != i && pattern.has(i, l) {
                    sum += a[l][i] * p[j][l];
                }
            }
            ap[i][j] = sum;
        }
    }
    let mut out = [[0.0; N]; N];
    for j in 0..N {
        for i in j..N {
            let mut sum = ap[i][j] * a[j][j];
            for l in 0..N {
                if l != j && pattern.has(j, l) {
                    sum += ap[i][l] * a[l][j];
                }
            }
            out[j][i] = sum + q[j][i];
        }
    }
    mirror(&mut out);
    matrix(out)
}

/// The pieces of one scalar update, kept together so that the Joseph form, the diffuse start and the
/// smoothers all use the same ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gain<const N: usize> {
    /// `k = P h / s`.
    pub(crate) k: SVector<f64, N>,
    /// Diagonal of `A = I - k hᵀ`.
    diagonal: [f64; N],
}

impl<const N: usize> Gain<N> {
    /// From `c = P h`, the noise `r` and `s = hᵀ c + r`.
    ///
    /// The diagonal of `I - k hᵀ` is not formed by subtracting from one, which would lose every digit when
    /// `P` is much larger than `r`. It is `(s - c_i h_i) / s`, and `s - c_i h_i` is the sum that makes `s`
    /// without its term `i`: no cancellation when the observation loads on one component.
    #[inline]
    pub(crate) fn new(h: &SVector<f64, N>, c: &SVector<f64, N>, r: f64, s: f64) -> Self {
        let (h, c) = (entries(h), entries(c));
        let mut k = [0.0; N];
        let mut diagonal = [1.0; N];
        for i in 0..N {
            k[i] = c[i] / s;
            if h[i] != 0.0 {
                let mut rest = r;
                for l in 0..N {
                    if l != i && h[l] != 0.0 {
                        rest += c[l] * h[l];
                    }
                }
                diagonal[i] = rest / s;
            }
        }
        Self { k: vector(k), diagonal }
    }

    /// `A P Aᵀ + r k kᵀ` with `A = I - k hᵀ`: the form of Joseph, valid for any gain and a sum of
    /// positive semi-definite terms for every one.
    #[inline]
    pub(crate) fn joseph(&self, h: &SVector<f64, N>, p: &SMatrix<f64, N, N>, r: f64) -> SMatrix<f64, N, N> {
        let (h, p, k, a) = (entries(h), columns(p), entries(&self.k), &self.diagonal);
        // Row i of A P.
        let mut ap = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..N {
                let mut sum = a[i] * p[j][i];
                for l in 0..N {
                    if l != i && h[l] != 0.0 {
                        sum -= k[i] * h[l] * p[j][l];
                    }
                }
                ap[i][j] = sum;
            }
        }
        let mut out = [[0.0; N]; N];
        for j in 0..N {
            for i in j..N {
                let mut sum = ap[i][j] * a[j];
                for l in 0..N {
                    if l != j && h[l] != 0.0 {
                        sum -= ap[i][l] * (k[j] * h[l]);
                    }
                }
                sum += r * k[i] * k[j];
                // The diagonal is positive. Beside it an underflow could leave -0.0.
                out[j][i] = if i == j { sum } else { sum + 0.0 };
            }
        }
        mirror(&mut out);
        matrix(out)
    }

    /// `A = I - k hᵀ` written out.
    #[inline]
    pub(crate) fn remainder(&self, h: &SVector<f64, N>) -> SMatrix<f64, N, N> {
        let (h, k) = (entries(h), entries(&self.k));
        let mut out = [[0.0; N]; N];
        for j in 0..N {
            for i in 0..N {
                out[j][i] = if i == j { self.diagonal[i] } else { 0.0 - k[i] * h[j] };
            }
        }
        matrix(out)
    }
}

/// Lower Cholesky factor of a symmetric matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cholesky<const N: usize> {
    /// `rows[i][j]`, `j <= i`.
    rows: [[f64; N]; N],
}

impl<const N: usize> Cholesky<N> {
    /// Reads the lower triangle only.
    pub(crate) fn new(p: &SMatrix<f64, N, N>) -> Result<Self, FilterError> {
        let p = columns(p);
        let mut rows = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..=i {
                let mut sum = p[j][i];
                for l in 0..j {
                    sum -= rows[i][l] * rows[j][l];
                }
                if i == j {
                    if !(sum > 0.0 && sum.is_finite()) {
                        return Err(FilterError::NotPositiveDefinite { row: ordinal(i), pivot: sum });
                    }
                    rows[i][i] = sum.sqrt();
                } else {
                    rows[i][j] = sum / rows[j][j];
                }
            }
        }
        Ok(Self { rows })
    }

    /// Solves `P x = b`.
    pub(crate) fn solve(&self, b: &SVector<f64, N>) -> SVector<f64, N> {
        let mut x = *entries(b);
        for i in 0..N {
            for l in 0..i {
                x[i] -= self.rows[i][l] * x[l];
            }
            x[i] /= self.rows[i][i];
        }
        for i in (0..N).rev() {
            for l in (i + 1)..N {
                x[i] -= self.rows[l][i] * x[l];
            }
            x[i] /= self.rows[i][i];
        }
        vector(x)
    }

    /// Solves `P X = B`, column by column.
    pub(crate) fn solve_matrix(&self, b: &SMatrix<f64, N, N>) -> SMatrix<f64, N, N> {
        let mut out = [[0.0; N]; N];
        for j in 0..N {
            out[j] = *entries(&self.solve(&vector(columns(b)[j])));
        }
        matrix(out)
    }
}

/// `A B`.
pub(crate) fn product<const N: usize>(a: &SMatrix<f64, N, N>, b: &SMatrix<f64, N, N>) -> SMatrix<f64, N, N> {
    let mut out = [[0.0; N]; N];
    for j in 0..N {
        out[j] = *entries(&times(a, &vector(columns(b)[j])));
    }
    matrix(out)
}

/// `Aᵀ`.
#[inline]
pub(crate) fn transpose<const N: usize>(a: &SMatrix<f64, N, N>) -> SMatrix<f64, N, N> {
    let a = columns(a);
    let mut out = [[0.0; N]; N];
    for j in 0..N {
        for i in 0..N {
            out[j][i] = a[i][j];
        }
    }
    matrix(out)
}

/// `(A + Aᵀ) / 2`, exactly symmetric.
pub(crate) fn symmetric_part<const N: usize>(a: &SMatrix<f64, N, N>) -> SMatrix<f64, N, N> {
    let a = columns(a);
    let mut out = [[0.0; N]; N];
    for j in 0..N {
        for i in j..N {
            out[j][i] = 0.5 * (a[j][i] + a[i][j]);
        }
    }
    mirror(&mut out);
    matrix(out)
}

/// The first entry off the diagonal that differs from its mirror.
pub(crate) fn check_symmetric<const N: usize>(p: &SMatrix<f64, N, N>) -> Result<(), FilterError> {
    let p = columns(p);
    for column in 0..N {
        for row in (column + 1)..N {
            let (lower, upper) = (p[column][row], p[row][column]);
            if lower.to_bits() != upper.to_bits() {
                let (row, column) = (ordinal(row), ordinal(column));
                return Err(FilterError::NotSymmetric { row, column, lower, upper });
            }
        }
    }
    Ok(())
}

/// Whether each entry of a matrix is finite.
pub(crate) fn check_finite<const R: usize, const C: usize>(
    what: Quantity,
    m: &SMatrix<f64, R, C>,
) -> Result<(), FilterError> {
    for column in columns(m) {
        for &value in column {
            if !value.is_finite() {
                return Err(FilterError::NotFinite { what, value });
            }
        }
    }
    Ok(())
}

/// Every entry with -0.0 turned into 0.0.
#[inline]
pub(crate) fn without_negative_zero<const R: usize, const C: usize>(
    m: &SMatrix<f64, R, C>,
) -> SMatrix<f64, R, C> {
    let mut out = *columns(m);
    for column in &mut out {
        for entry in column {
            *entry += 0.0;
        }
    }
    matrix(out)
}

/// `x + k v`.
#[inline]
pub(crate) fn moved<const N: usize>(x: &SVector<f64, N>, k: &SVector<f64, N>, v: f64) -> SVector<f64, N> {
    let (mut out, k) = (*entries(x), entries(k));
    for i in 0..N {
        out[i] += k[i] * v;
    }
    vector(out)
}
