//! The staff of the record store as users and members, and its customers.

use sqlx::PgConnection;
use uuid::Uuid;

use super::shape::{Customer, Employee};
use super::store::Store;
use crate::import::error::ImportError;
use crate::import::sales::{self, Customers};
use crate::import::summary::Summary;
use crate::import::target::Target;

/// Accounts are shared by all workspaces: one that exists is used, and never changed.
const INSERT_USER: &str = "
insert into users (id, email, first_name, last_name, full_name, phone, state)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict (email) do nothing";

const INSERT_MEMBER: &str = "
insert into workspace_members (id, workspace_id, user_id, role)
  select $1, $2, u.id, $4::workspace_role from users u where u.email = $3
  on conflict do nothing";

/// Makes the staff members of the workspace. They have no password, hence no way to log in yet.
pub(super) async fn import_staff(
    connection: &mut PgConnection,
    target: &mut Target,
    store: &Store<'_>,
    summary: &mut Summary,
) -> Result<(), ImportError> {
    let (mut users, mut members) = (0, 0);
    for employee in &store.document.employee {
        let email = employee.email.0.to_lowercase();
        let (first, last) = (&employee.first_name.0, &employee.last_name.0);
        users += sqlx::query(INSERT_USER)
            .bind(Uuid::now_v7())
            .bind(&email)
            .bind(first)
            .bind(last)
            .bind(
                format!("{first} {last}")
                    .chars()
                    .take(255)
                    .collect::<String>(),
            )
            .bind(employee.phone.get())
            .bind(employee.state.get())
            .execute(&mut *connection)
            .await?
            .rows_affected();
        members += sqlx::query(INSERT_MEMBER)
            .bind(target.keys.id("member", employee.employee_id))
            .bind(target.workspace)
            .bind(&email)
            .bind(role(employee))
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    let all = store.document.employee.len() as u64;
    summary.count("users", users, all - users);
    summary.count("workspace_members", members, all - members);
    Ok(())
}

/// Owning the workspace is not for a data file to give, so the general manager becomes an admin.
fn role(employee: &Employee) -> &'static str {
    match employee.title.get() {
        Some("General Manager") => "admin",
        Some(title) if title.contains("Manager") => "manager",
        _ => "staff",
    }
}

/// The customers, for [`sales::insert`].
pub(super) fn customers(target: &mut Target, store: &Store<'_>) -> Customers {
    let mut customers = Customers::default();
    for customer in &store.document.customer {
        let representative = customer
            .support_rep_id
            .and_then(|number| store.employees.get(&number))
            .map(|employee| format!("support-rep:{}", employee.email.0.to_lowercase()));
        customers.add(&sales::Customer {
            id: target.keys.id("customer", customer.customer_id),
            email: &customer.email.0.to_lowercase(),
            first_name: Some(&customer.first_name.0),
            last_name: Some(&customer.last_name.0),
            company: customer.company.get(),
            phone: customer.phone.get(),
            address: address(customer).as_deref(),
            tags: representative.iter().map(String::as_str).collect(),
        });
    }
    customers
}

fn address(customer: &Customer) -> Option<String> {
    let parts = [
        &customer.address,
        &customer.city,
        &customer.state,
        &customer.postal_code,
        &customer.country,
    ];
    let parts: Vec<&str> = parts.into_iter().filter_map(|part| part.get()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::shape::Employee;
    use super::role;

    #[test]
    fn titles_give_roles() {
        for (title, expected) in [
            ("General Manager", "admin"),
            ("Sales Manager", "manager"),
            ("IT Manager", "manager"),
            ("Sales Support Agent", "staff"),
            ("", "staff"),
        ] {
            let employee: Employee = serde_json::from_value(serde_json::json!({
                "EmployeeId": 1, "FirstName": "A", "LastName": "B", "Title": title,
                "ReportsTo": null, "Email": "a@b.c",
            }))
            .unwrap();
            assert_eq!(role(&employee), expected);
        }
    }
}
