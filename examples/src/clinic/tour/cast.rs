use std::time::Duration;

use indicatif::ProgressBar;
use uuid::Uuid;

use crate::clinic::client::Caller;
use crate::clinic::import::load;
use crate::clinic::population::{self, Person, people};
use crate::clinic::staff::Member;
use crate::clinic::{App, Failure};

/// How long the tokens hold: long enough to try the curl lines.
const VALID: Duration = Duration::from_hours(8);

/// Two clinics with their people.
#[derive(Debug)]
pub struct Cast {
    /// The clinic that the tour is about.
    pub north: Uuid,
    /// Another one.
    pub south: Uuid,
    /// A clinician of the first.
    pub clinician: (Member, Caller),
    /// Its front desk.
    pub front_desk: (Member, Caller),
    /// A clinician of the other.
    pub foreigner: (Member, Caller),
    /// Somebody who did not sign in.
    pub nobody: Caller,
}

impl Cast {
    /// How many patients the first clinic has before the tour.
    pub const NORTH: usize = 24;

    /// How many the other one has.
    pub const SOUTH: usize = 6;

    /// How many records that are: each patient has two visits and a condition.
    pub const RECORDS: usize = (Self::NORTH + Self::SOUTH) * 4;

    /// Makes two fresh clinics, hires people and fills both with made-up patients.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be stored.
    pub async fn gather(app: &App, seed: u64, progress: &ProgressBar) -> Result<Self, Failure> {
        let (north, south) = (Uuid::now_v7(), Uuid::now_v7());
        app.open_clinic(north, "Clinic North").await?;
        app.open_clinic(south, "Clinic South").await?;
        let cast = Self {
            north,
            south,
            clinician: signed_in(app, north, "clinician", "clinician, north").await?,
            front_desk: signed_in(app, north, "front-desk", "front desk, north").await?,
            foreigner: signed_in(app, south, "clinician", "clinician, south").await?,
            nobody: Caller { name: "nobody".to_owned(), token: None },
        };
        // Ids are the database's, whichever clinic they are in: a second tour needs others.
        for (clinic, seed, count) in
            [(north, seed, Self::NORTH), (south, seed.wrapping_add(1 << 32), Self::SOUTH)]
        {
            let mut people = people(seed, count);
            people.iter_mut().for_each(Person::renumber);
            load(app, "population", clinic, population::import(&people), progress).await?;
        }
        Ok(cast)
    }
}

/// Hires somebody and signs them in.
///
/// # Errors
///
/// [`Failure`] if the membership cannot be stored.
pub(in crate::clinic) async fn signed_in(
    app: &App,
    clinic: Uuid,
    role: &'static str,
    name: &str,
) -> Result<(Member, Caller), Failure> {
    let member = app.staff().hire(clinic, role).await?;
    let token = app.tokens().issue(member.account, VALID)?;
    Ok((member, Caller { name: name.to_owned(), token: Some(token) }))
}
