"""4. swiglu: the gate in the feed-forward network                           run.c 337-345

Two matrices have turned one vector into two, hb and hb2. Here hb controls how much of hb2 passes
through: hb[i] becomes silu(hb[i]) * hb2[i]. silu(v) is v * sigmoid(v), which is close to v if v is
large and close to 0 if v is far below 0. sigmoid(v) is 1 / (1 + e to the power of -v).

    s.hb, s.hb2   hidden_dim floats each; s.hb is overwritten

C's s->hb is s.hb here, and a float* is a list. For example, with s.hb = [1.0, -1.0], s.hb2 = [2.0,
4.0] and hidden_dim = 2: sigmoid(1) = 0.7311 and sigmoid(-1) = 0.2689, so s.hb becomes
[1 * 0.7311 * 2, -1 * 0.2689 * 4] = [1.4621, -1.0758].
"""

from parts import expf  # e to the power of x; infinity where math.exp raises, as in C


def swiglu(s, hidden_dim):
    raise NotImplementedError
