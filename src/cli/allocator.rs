//! Where the program's memory comes from.

/// Many threads ask for small pieces here: with the C library's allocator a tenth of a submission's and a run's
/// processor time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
