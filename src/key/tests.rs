//! Keys: forms, bounds, and both backends against each other.

use super::*;

#[test]
fn keys_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<PrivateKey>();
    shared::<PublicKey>();
}
