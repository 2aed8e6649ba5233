//! Readings of body weight and the facts about them, as types that cannot hold nonsense.
