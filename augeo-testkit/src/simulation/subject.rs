//! What is simulated: a stack with its later versions.

use augeo_core::Stack;

/// A value that a live resource must have, looked up in the body that ARM keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The resource's name in the stack.
    pub resource: String,
    /// A JSON pointer into its body.
    pub pointer: String,
    /// What must stand there.
    pub value: serde_json::Value,
}

/// A stack with its later versions: what its owner makes of it between one run and the next.
///
/// It is built anew for each run; building must not depend on anything but the version.
pub trait Subject: Send + Sync {
    /// How many versions there are; at least one.
    fn versions(&self) -> usize;

    /// One version, counted from 0.
    fn stack(&self, version: usize) -> Stack;

    /// What must be true of the world when a version is in place, beyond what the engine's own
    /// plan says: this is how a simulation notices an engine that compares too little.
    fn expected(&self, version: usize) -> Vec<Expected> {
        let _ = version;
        Vec::new()
    }
}

/// Stacks that are there already, one per version.
impl Subject for Vec<Stack> {
    fn versions(&self) -> usize {
        self.len()
    }

    fn stack(&self, version: usize) -> Stack {
        self[version].clone()
    }
}
