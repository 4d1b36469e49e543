//! Derived columns: what they are computed from, and that nobody writes them.

use sqlx::PgConnection;

use super::{begin_as, refused, run, string};

/// `generated_always`: a derived column was given a value.
const GENERATED: &str = "428C9";

/// Full name, first name, last name, and the name to show.
const NAMES: [[&str; 4]; 9] = [
    ["'Ada King'", "'Ada'", "'Lovelace'", "Ada King"],
    ["' Ada King '", "null", "null", "Ada King"],
    ["null", "'Ada'", "'Lovelace'", "Ada Lovelace"],
    ["' '", "' Ada '", "' Lovelace'", "Ada Lovelace"],
    ["null", "'Ada'", "null", "Ada"],
    ["null", "'Ada'", "''", "Ada"],
    ["null", "null", "'Lovelace'", "Lovelace"],
    ["''", "''", "' '", "none"],
    ["null", "null", "null", "none"],
];

pub async fn check(db: &mut PgConnection) {
    begin_as(db, "a", "u1", "owner").await;
    for [full, first, last, shown] in NAMES {
        run(
            db,
            &format!(
                "update users set full_name = {full}, first_name = {first}, last_name = {last}"
            ),
        )
        .await;
        let name = "select coalesce(display_name, 'none') from read.users where id = app.user_id()";
        assert_eq!(string(db, name).await, shown, "{full} {first} {last}");
    }
    run(
        db,
        "update inventory_levels set quantity_available = 5, quantity_reserved = 2",
    )
    .await;
    let pieces =
        "select string_agg(distinct quantity_on_hand::text, ' ') from read.inventory_levels";
    assert_eq!(string(db, pieces).await, "7");
    let write = "update inventory_levels set quantity_on_hand = 1";
    assert_eq!(refused(db, write).await, GENERATED);
    run(db, "rollback").await;
}
