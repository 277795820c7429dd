"""Running a pure function of the change, behind the kernel's walls or not at all."""
