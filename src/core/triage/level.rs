//! How bad it is, from three answers (NX-3), and why. The rule stands here and nowhere else.

use crate::kit::text::capital;
use crate::model::incident::Severity::{self, P1, P2, P3, P4};
use crate::model::triage::{Answers, Because, Data, Feature, Users};

/// How bad it is when no data is at risk: of each row the level for a core feature, and for a
/// secondary one. Data that is lost or at risk is P1, whatever the rest.
pub const TABLE: [(Users, Severity, Severity); 4] =
    [(Users::Everyone, P1, P2), (Users::Many, P2, P3), (Users::Some, P3, P4), (Users::NobodyYet, P3, P4)];

/// How bad it is, and why. What nobody knows counts as the worse.
pub fn assess(answers: Answers) -> (Severity, Because) {
    if answers.data != Data::Safe {
        return (P1, Because::Data(answers.data));
    }
    let users = if answers.users == Users::NotSure { Users::Everyone } else { answers.users };
    let feature = if answers.feature == Feature::NotSure { Feature::Core } else { answers.feature };
    let row = TABLE.into_iter().find(|(of, ..)| *of == users);
    let level =
        row.map_or(P1, |(_, core, secondary)| if feature == Feature::Core { core } else { secondary });
    (level, Because::Reach { users, feature })
}

/// Why, as a sentence.
pub fn in_words(answers: Answers, because: Because) -> String {
    match because {
        Because::Data(Data::NotSure) => "Nobody knows whether data is lost, and in doubt it is.".to_owned(),
        Because::Data(Data::AtRisk) => "Data is at risk, which counts as lost.".to_owned(),
        Because::Data(_) => "Data is lost or corrupt, whatever the rest.".to_owned(),
        Because::Reach { users, feature } => {
            let mut doubts = vec![];
            if answers.users == Users::NotSure {
                doubts.push("how many");
            }
            if answers.feature == Feature::NotSure {
                doubts.push("which feature");
            }
            let doubts = match doubts.as_slice() {
                [] => String::new(),
                doubts => format!(" Nobody knows {}, and in doubt it is the worse.", doubts.join(" or ")),
            };
            let (who, what) = (capital(users.says()), feature.says());
            format!("{who}, it is {what}, and no data is at risk.{doubts}")
        }
    }
}

/// The rule as a table of Markdown: the README shows it.
pub fn markdown() -> String {
    let mut out = "| affected | core feature | secondary feature |\n|---|---|---|\n".to_owned();
    for (users, core, secondary) in TABLE {
        let row = format!(
            "| {} | {} | {} |\n",
            users.word().replace('-', " "),
            core.in_words(),
            secondary.in_words()
        );
        out.push_str(&row);
    }
    out.push_str("| data lost or at risk | P1 critical | P1 critical |\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Answers> {
        Users::ALL.into_iter().flat_map(|users| {
            Feature::ALL
                .into_iter()
                .flat_map(move |feature| Data::ALL.map(|data| Answers { users, feature, data }))
        })
    }

    #[test]
    fn lost_data_is_always_critical() {
        for answers in all().filter(|a| a.data != Data::Safe) {
            assert_eq!(assess(answers), (P1, Because::Data(answers.data)), "{answers:?}");
        }
    }

    #[test]
    fn in_doubt_it_is_never_less_than_with_any_answer() {
        for answers in all() {
            let level = assess(answers).0;
            for doubt in [
                Answers { users: Users::NotSure, ..answers },
                Answers { feature: Feature::NotSure, ..answers },
                Answers { data: Data::NotSure, ..answers },
            ] {
                assert!(assess(doubt).0 <= level, "{doubt:?} is less bad than {answers:?}");
            }
        }
    }

    #[test]
    fn more_people_and_a_core_feature_are_never_less_bad() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].1 <= pair[1].1 && pair[0].2 <= pair[1].2, "{pair:?}");
        }
        assert!(TABLE.iter().all(|(_, core, secondary)| core <= secondary));
        let levels: Vec<Severity> = TABLE.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
        assert!(Severity::ALL.iter().all(|s| levels.contains(s)), "every level can follow");
    }

    #[test]
    fn the_reason_is_a_sentence_and_names_the_doubt() {
        let said = |users, feature, data| {
            let answers = Answers { users, feature, data };
            in_words(answers, assess(answers).1)
        };
        assert_eq!(
            said(Users::Many, Feature::Core, Data::Safe),
            "Many people are affected, it is a core feature, and no data is at risk."
        );
        let doubted = said(Users::NotSure, Feature::NotSure, Data::Safe);
        assert!(
            doubted.ends_with("Nobody knows how many or which feature, and in doubt it is the worse."),
            "{doubted}"
        );
        for answers in all() {
            let sentence = in_words(answers, assess(answers).1);
            assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
        }
    }
}
