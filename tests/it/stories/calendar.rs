//! Somebody asks for their calendar, and a calendar program fetches it.

use std::time::Duration;

use axum::http::Method;
use muster::model::calendar::CalendarKey;
use muster::sandbox::Person;

use crate::intake::{Answered, Sender};
use crate::support::app::App;

const PUBLIC: &str = "https://muster.example.org";

async fn app() -> App {
    App::with(|house| {
        house.settings.intake.public_url = Some(PUBLIC.to_owned());
        house.settings.intake.calendars = Some(CalendarKey::new("a key of this team"));
    })
    .await
}

/// The path of the address that somebody is told.
async fn path(app: &App, who: Person, renew: bool) -> String {
    let options = if renew { vec![("new", true.into())] } else { vec![] };
    let answer = app.client(who).slash("oncall calendar", &options).await.unwrap();
    let text = answer.text();
    assert!(answer.ephemeral, "everybody reads {text}");
    let address = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    let address = address.unwrap_or_else(|| panic!("no address in {text}")).0;
    address.strip_prefix(PUBLIC).expect("it begins with the public address").to_owned()
}

fn header<'a>(answer: &'a Answered, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |h| h.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_is_subscribed_to_follows_a_change_and_its_address_can_be_made_void() {
    let app = app().await;
    let door = Sender::to(&app);
    let path = path(&app, Person::Approver, false).await;
    let first = door.get(&path).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(header(&first, "content-type"), "text/calendar; charset=utf-8");
    assert_eq!(header(&first, "cache-control"), "private, no-cache");
    assert!(first.body.contains("SUMMARY:On call: primary of soundlab\r\n"), "{}", first.body);
    assert!(first.body.contains("DTSTART:20261119T080000Z\r\nDTEND:20261122T080000Z\r\n"), "{}", first.body);

    // A program that has it already is told so, also another time of the day.
    let tag = header(&first, "etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    app.pass(Duration::from_secs(600));
    for have in
        [tag.clone(), format!("\"other\", {tag}"), tag.trim_start_matches("W/").to_owned(), "*".to_owned()]
    {
        let again = door.send(Method::GET, &path, &[("if-none-match", &have)], "").await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{have}");
        assert_eq!(header(&again, "etag"), tag);
    }
    let head = door.send(Method::HEAD, &path, &[], "").await;
    assert_eq!((head.status, head.body.as_str(), header(&head, "etag")), (200, "", tag.as_str()));
    assert_eq!(header(&head, "content-length"), first.body.len().to_string());

    let over = [("rota", "soundlab".into()), ("for", "2h".into())];
    app.client(Person::Responder).slash("oncall override", &over).await.unwrap();
    let changed = door.send(Method::GET, &path, &[("if-none-match", &tag)], "").await;
    assert_eq!(changed.status, 200, "what changed is fetched");
    assert!(
        changed.body.contains("DTSTART:20261119T080000Z\r\nDTEND:20261121T091000Z\r\n"),
        "{}",
        changed.body
    );

    let renewed = self::path(&app, Person::Approver, true).await;
    assert_eq!(door.get(&renewed).await.status, 200);
    assert_eq!(door.get(&path).await.status, 404, "the old one still leads there");
    // Another's is another's.
    let lead = self::path(&app, Person::Lead, false).await;
    let lead = door.get(&lead).await.body;
    assert!(lead.contains("X-WR-CALNAME:On call: lead\r\n"), "{lead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_have_the_address_learns_nothing() {
    let app = app().await;
    let door = Sender::to(&app);
    let path = path(&app, Person::Responder, false).await;
    let nowhere = door.get("/nowhere").await;
    assert_eq!(nowhere.status, 404);
    // The right word for somebody who never asked, a word that is cut, one that is nobody's.
    let key = CalendarKey::new("a key of this team");
    let never = key.word(muster::model::ids::UserId(Person::Lead.id().0), 1);
    for wrong in [
        format!("/calendar/{never}.ics"),
        path.replace(".ics", ""),
        path.replace(".ics", "0.ics"),
        format!("{}.ics", &path[..path.len() - 6]),
        path.to_uppercase().replace("/CALENDAR", "/calendar").replace(".ICS", ".ics"),
        format!("/calendar/{}.ics", "0".repeat(40)),
        "/calendar/.ics".to_owned(),
        "/calendar/".to_owned(),
    ] {
        let answer = door.get(&wrong).await;
        assert_eq!((answer.status, &answer.body), (404, &nowhere.body), "{wrong}");
        let head =
            |answer: &Answered| answer.headers.keys().map(|k| k.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(head(&answer), head(&nowhere), "{wrong}");
    }
    let posted = door.send(Method::POST, &path, &[], "x").await;
    assert_eq!((posted.status, header(&posted, "allow")), (405, "GET, HEAD"));
    assert_eq!(door.get(&path).await.status, 200);

    // With another key every address is another.
    let mut house = app.house();
    house.settings.intake.calendars = Some(CalendarKey::new("another key"));
    app.bot().reloader().reload(house).await;
    assert_eq!(door.get(&path).await.status, 404);
}
