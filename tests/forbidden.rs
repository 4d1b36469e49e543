//! What a role does not see cannot be reached: not by filters, orders, variables, fragments, node
//! ids, directives or names that are nearly right.
