//! Today's code over what is stored: pages cleaned again, articles grouped again, without fetching.
//!
//! Runs where the pipeline does not, or on the recorder's thread: whoever changes articles holds the database's lock. A dry run needs only the right to read and may run beside a
//! daemon. Knows nothing of arguments and of what is printed.

mod regroup;

pub use regroup::{Regrouped, Settled, apply, made_by, regroup, settle};
