//! Registers that confirm facts of children: one trait, an adapter per way to reach them.

pub mod file_register;
pub mod http_register;
pub mod load_registers;
pub mod register;
