//! The laws of the type lattice.

use ember_hir::Type;
use ember_hir::types::{LEAVES, Spec};
use proptest::prelude::*;

/// Any type that can come up: a set of leaves, perhaps known to be immortal, perhaps with a version.
fn types() -> impl Strategy<Value = Type> {
    let leaves = proptest::collection::vec(0..LEAVES.len(), 0..6);
    let version = prop_oneof![3 => Just(Spec::Any), 1 => (1u32..4).prop_map(Spec::Class)];
    (leaves, any::<bool>(), version).prop_map(|(leaves, immortal, spec)| {
        let mut ty = leaves.iter().fold(Type::Bottom, |ty, &leaf| ty.union(LEAVES[leaf].1));
        if ty == Type::Bottom {
            return ty;
        }
        ty.spec = spec;
        if immortal { ty.immortal() } else { ty }
    })
}

proptest! {
    #[test]
    fn union_is_commutative_associative_and_idempotent(a in types(), b in types(), c in types()) {
        prop_assert_eq!(a.union(b), b.union(a));
        prop_assert_eq!(a.union(b).union(c).bits, a.union(b.union(c)).bits);
        prop_assert_eq!(a.union(a), a);
    }

    #[test]
    fn union_is_an_upper_bound(a in types(), b in types()) {
        prop_assert!(a.is(a.union(b)) && b.is(a.union(b)));
    }

    #[test]
    fn being_is_an_order(a in types(), b in types(), c in types()) {
        prop_assert!(a.is(a));
        prop_assert!(!(a.is(b) && b.is(c)) || a.is(c));
        prop_assert!(!(a.is(b) && b.is(a)) || a == b);
    }

    #[test]
    fn what_is_narrower_is_its_own_intersection(a in types(), b in types()) {
        prop_assert_eq!(a.intersect(a), a);
        prop_assert_eq!(a.intersect(b).bits, b.intersect(a).bits);
        if a.is(b) {
            prop_assert_eq!(a.intersect(b).bits, a.bits);
        }
        prop_assert_eq!(a.could_be(b), a.intersect(b) != Type::Bottom);
    }

    #[test]
    fn subtraction_leaves_nothing_of_what_is_taken(a in types(), b in types()) {
        prop_assert!(!a.subtract(b).could_be(b));
        prop_assert!(a.subtract(b).is(a));
    }

    #[test]
    fn text_is_read_back(a in types()) {
        prop_assert_eq!(Type::parse(&a.to_string()), Some(a));
    }

    #[test]
    fn counting_and_quiet_death_follow_the_order(a in types(), b in types()) {
        if a.is(b) {
            prop_assert!(!a.is_counted() || b.is_counted() || b.is_primitive());
            prop_assert!(a.drops_quietly() || !b.drops_quietly());
            prop_assert!(!a.may_be_null() || b.may_be_null());
        }
    }
}
