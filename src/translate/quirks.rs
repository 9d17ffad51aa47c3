//! What other servers demand, as a table with sources.
