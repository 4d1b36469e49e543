//! The document with its references resolved: what does not fit together is refused by its place.

use std::collections::{BTreeMap, HashMap};

use super::shape::{Album, Artist, Customer, Document, Employee, Genre, Invoice, MediaType, Track};
use crate::import::error::ImportError;

/// The records of each kind by their number.
pub(super) struct Store<'d> {
    pub document: &'d Document,
    pub genres: HashMap<i64, &'d Genre>,
    pub media_types: HashMap<i64, &'d MediaType>,
    pub artists: HashMap<i64, &'d Artist>,
    pub albums: HashMap<i64, &'d Album>,
    pub tracks: HashMap<i64, &'d Track>,
    pub employees: HashMap<i64, &'d Employee>,
    pub customers: HashMap<i64, &'d Customer>,
    pub invoices: HashMap<i64, &'d Invoice>,
    /// The tracks of each album, in their order in the document.
    pub album_tracks: BTreeMap<i64, Vec<&'d Track>>,
}

impl<'d> Store<'d> {
    pub(super) fn new(document: &'d Document, file: &str) -> Result<Self, ImportError> {
        let check = Check { file };
        let mut store = Self {
            document,
            genres: check.index("Genre", "GenreId", &document.genre, |genre| genre.genre_id)?,
            media_types: check.index(
                "MediaType",
                "MediaTypeId",
                &document.media_type,
                |media| media.media_type_id,
            )?,
            artists: check.index("Artist", "ArtistId", &document.artist, |artist| {
                artist.artist_id
            })?,
            albums: check.index("Album", "AlbumId", &document.album, |album| album.album_id)?,
            tracks: check.index("Track", "TrackId", &document.track, |track| track.track_id)?,
            employees: check.index("Employee", "EmployeeId", &document.employee, |employee| {
                employee.employee_id
            })?,
            customers: check.index("Customer", "CustomerId", &document.customer, |customer| {
                customer.customer_id
            })?,
            invoices: check.index("Invoice", "InvoiceId", &document.invoice, |invoice| {
                invoice.invoice_id
            })?,
            album_tracks: BTreeMap::new(),
        };
        check.index(
            "InvoiceLine",
            "InvoiceLineId",
            &document.invoice_line,
            |line| line.invoice_line_id,
        )?;
        store.check_references(&check)?;
        for track in &document.track {
            if let Some(album) = track.album_id {
                store.album_tracks.entry(album).or_default().push(track);
            }
        }
        Ok(store)
    }

    fn check_references(&self, check: &Check<'_>) -> Result<(), ImportError> {
        for (index, album) in self.document.album.iter().enumerate() {
            check.refers(
                &self.artists,
                Some(album.artist_id),
                ("Album", index, "ArtistId"),
            )?;
        }
        for (index, track) in self.document.track.iter().enumerate() {
            check.refers(&self.albums, track.album_id, ("Track", index, "AlbumId"))?;
            check.refers(&self.genres, track.genre_id, ("Track", index, "GenreId"))?;
        }
        for (index, employee) in self.document.employee.iter().enumerate() {
            check.refers(
                &self.employees,
                employee.reports_to,
                ("Employee", index, "ReportsTo"),
            )?;
            check.email(&employee.email.0, ("Employee", index, "Email"))?;
        }
        for (index, customer) in self.document.customer.iter().enumerate() {
            let place = ("Customer", index, "SupportRepId");
            check.refers(&self.employees, customer.support_rep_id, place)?;
            check.email(&customer.email.0, ("Customer", index, "Email"))?;
            check.phone(customer.phone.get(), ("Customer", index, "Phone"))?;
        }
        for (index, employee) in self.document.employee.iter().enumerate() {
            check.phone(employee.phone.get(), ("Employee", index, "Phone"))?;
            check.short(employee.state.get(), 100, ("Employee", index, "State"))?;
        }
        for (index, invoice) in self.document.invoice.iter().enumerate() {
            let place = ("Invoice", index, "CustomerId");
            check.refers(&self.customers, Some(invoice.customer_id), place)?;
        }
        for (index, line) in self.document.invoice_line.iter().enumerate() {
            let place = ("InvoiceLine", index, "InvoiceId");
            check.refers(&self.invoices, Some(line.invoice_id), place)?;
            check.refers(
                &self.tracks,
                Some(line.track_id),
                ("InvoiceLine", index, "TrackId"),
            )?;
        }
        Ok(())
    }
}

/// Kind of record, its index in the document, and the field.
type Place = (&'static str, usize, &'static str);

struct Check<'f> {
    file: &'f str,
}

impl Check<'_> {
    fn index<'d, T>(
        &self,
        kind: &'static str,
        field: &'static str,
        records: &'d [T],
        key: impl Fn(&T) -> i64,
    ) -> Result<HashMap<i64, &'d T>, ImportError> {
        let mut index = HashMap::with_capacity(records.len());
        for (position, record) in records.iter().enumerate() {
            if index.insert(key(record), record).is_some() {
                let found = format!("{} again", key(record));
                return Err(self.wrong((kind, position, field), "a number of its own", found));
            }
        }
        Ok(index)
    }

    fn refers<T>(
        &self,
        index: &HashMap<i64, T>,
        number: Option<i64>,
        place: Place,
    ) -> Result<(), ImportError> {
        match number {
            Some(number) if !index.contains_key(&number) => {
                let expected = "the number of a record in the document";
                Err(self.wrong(place, expected, number.to_string()))
            }
            _ => Ok(()),
        }
    }

    fn email(&self, email: &str, place: Place) -> Result<(), ImportError> {
        match email.contains('@') {
            true => Ok(()),
            false => Err(self.wrong(place, "an e-mail address", format!("`{email}`"))),
        }
    }

    fn phone(&self, phone: Option<&str>, place: Place) -> Result<(), ImportError> {
        self.short(phone, 50, place)
    }

    fn short(&self, text: Option<&str>, longest: usize, place: Place) -> Result<(), ImportError> {
        match text.map_or(0, |text| text.chars().count()) {
            length if length > longest => {
                let expected = format!("at most {longest} characters");
                Err(self.wrong(place, &expected, length.to_string()))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, place: Place, expected: &str, found: String) -> ImportError {
        let (kind, index, field) = place;
        ImportError::Inconsistent {
            file: self.file.to_owned(),
            path: format!("{kind}[{index}].{field}"),
            expected: expected.to_owned(),
            found,
        }
    }
}
