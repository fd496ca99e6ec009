//! How long things take at the target, and where that is learnt: a file beside the configuration.
//!
//! Only Azure teaches: what the emulator takes is known. A line of the file holds a type, what was
//! done, seconds, a day and a place; no name and no id.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use augeo_core::clock::{Clock as _, SystemClock};
use augeo_core::forecast::{
    Basis, Distribution, DurationModel, Figure, Forecast, ForecastOptions, Observation, When, Work,
    from_lines, observations, to_lines,
};
use augeo_core::name::TypeName;
use augeo_core::plan::{Change, Plan};
use augeo_core::report::Report;
use augeo_core::value::Value;
use augeo_testkit::emulator::{self, Verb, medians};

use crate::error::CliError;
use crate::output::Output;
use crate::world;

/// The file, in the folder of the program beside the configuration.
const FILE: &str = "durations.jsonl";

/// So much of the file's end is read: some ten thousand changes.
const READ_MAX: u64 = 1 << 20;

/// How long changes take at one target.
#[derive(Debug)]
pub(crate) struct Durations {
    model: DurationModel,
    /// Where what really happened is kept; `None` where nothing is to be learnt.
    learns: Option<PathBuf>,
}

impl Durations {
    /// The emulator's own, which never vary.
    pub(crate) fn emulator(time_scale: Option<u32>) -> Self {
        let scale = world::time_scale(time_scale);
        let mut model = DurationModel::new();
        for median in medians(emulator::Durations::scaled(scale)) {
            let work = match median.verb {
                Verb::Create => Work::Create,
                Verb::Update => Work::Update,
                Verb::Delete => Work::Delete,
                Verb::Patch => continue,
            };
            // ARM keeps properties in an envelope of which the engine knows nothing.
            let when = median.when.map(|(path, one_of)| When {
                path: Cow::Borrowed(path.strip_prefix("properties.").unwrap_or(path)),
                one_of: one_of.iter().map(|it| Cow::Borrowed(it.as_str())).collect(),
            });
            let figure = Figure {
                when,
                distribution: Distribution::constant(median.noticed),
                basis: Basis::Measured,
                source: Cow::Borrowed("the emulator"),
            };
            model.insert(TypeName::from_static(median.resource_type), work, figure);
        }
        Self {
            model,
            learns: None,
        }
    }

    /// Azure's, with what was learnt beside this configuration.
    ///
    /// # Errors
    /// When there is a file and it cannot be read.
    pub(crate) fn azure(beside: &Path, output: &Output) -> Result<Self, CliError> {
        let path = world::folder(beside).join(FILE);
        let learnt = read(&path).map_err(|source| CliError::Read {
            path: path.clone(),
            source,
        })?;
        let (learnt, unreadable) = from_lines(&learnt);
        if let Some(first) = unreadable.first() {
            let number = unreadable.len();
            let lines = if number == 1 { "line" } else { "lines" };
            output.note(&format!(
                "note: {number} {lines} of {} cannot be read and {} left out; the first: {}",
                path.display(),
                if number == 1 { "is" } else { "are" },
                first.reason
            ));
        }
        Ok(Self {
            model: augeo_azure::durations::durations().refined(&learnt),
            learns: Some(path),
        })
    }

    /// How long a plan will take; the same each time.
    pub(crate) fn forecast(&self, plan: &Plan) -> Option<Arc<Forecast>> {
        let forecast = || Forecast::of(plan, &self.model, &ForecastOptions::default());
        (!plan.is_empty()).then(|| Arc::new(forecast()))
    }

    /// Keeps how long each change really took, where that is to be learnt. A run that did what was
    /// asked does not fail because of it.
    pub(crate) fn learn(&self, plan: &Plan, report: &Report, output: &Output) {
        let Some(path) = &self.learns else { return };
        let today = SystemClock.now().date();
        let seen = observations(plan, report, &self.model, today, location);
        if let Err(error) = append(path, &seen) {
            let path = path.display();
            output.note(&format!(
                "note: what this run took is not kept in {path}: {error}"
            ));
        }
    }
}

/// The region of a change's resource.
fn location(change: &Change) -> Option<String> {
    let prior = change.prior.as_ref().map(|prior| &*prior.value);
    let value = change.planned.as_ref().or(prior)?;
    value
        .field("location")
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// The end of the file, from the first whole line on; nothing if there is none.
fn read(path: &Path) -> io::Result<String> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(error),
    };
    let skipped = file.metadata()?.len().saturating_sub(READ_MAX);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(READ_MAX).read_to_end(&mut bytes)?;
    // Whatever was written there by others is told as lines that cannot be read.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(if skipped == 0 {
        text
    } else {
        text.split_once('\n')
            .map_or(String::new(), |(_, rest)| rest.to_owned())
    })
}

/// Adds lines in one write, on a line of their own whatever the end of the file is.
fn append(path: &Path, seen: &[Observation]) -> io::Result<()> {
    if seen.is_empty() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        world::make_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    let mut text = String::new();
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.push('\n');
        }
    }
    text.push_str(&to_lines(seen));
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use augeo_azure::durations::durations;
    use augeo_azure::resources::CATALOGUE;

    use super::*;

    fn line(seconds: u32) -> String {
        format!(
            "{{\"type\":\"Microsoft.Web/sites\",\"action\":\"create\",\"seconds\":{seconds}.0,\
             \"date\":\"2026-11-24\",\"location\":\"westeurope\"}}\n"
        )
    }

    fn seen() -> Vec<Observation> {
        from_lines(&line(44)).0
    }

    #[test]
    fn what_was_learnt_comes_back_after_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".augeo").join(FILE);
        assert_eq!(read(&path).unwrap(), "");
        append(&path, &seen()).unwrap();
        append(&path, &seen()).unwrap();
        let whole = read(&path).unwrap();
        assert_eq!(whole, line(44).repeat(2));
        fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        append(&path, &seen()).unwrap();
        let (read_back, unreadable) = from_lines(&read(&path).unwrap());
        assert_eq!((read_back.len(), unreadable.len()), (2, 1));
        let ignored = folder.path().join(".augeo").join(".gitignore");
        assert_eq!(fs::read_to_string(ignored).unwrap(), "*\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn of_a_long_file_the_end_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, line(1).repeat(20_000) + &line(44)).unwrap();
        let text = read(&path).unwrap();
        assert!(u64::try_from(text.len()).unwrap() <= READ_MAX);
        assert!(text.starts_with('{') && text.ends_with(&line(44)));
        assert_eq!(from_lines(&text).1, []);
    }

    #[test]
    fn three_runs_refine_what_a_forecast_says() {
        let ty = TypeName::from_static("Microsoft.Web/sites");
        let before = durations();
        let after = durations().refined(&from_lines(&line(44).repeat(3)).0);
        let p50 = |model: &DurationModel| model.figures(&ty, Work::Create)[0].distribution.p50();
        assert!(p50(&after) > p50(&before));
    }

    #[test]
    fn the_emulator_has_a_figure_for_each_type_of_the_catalogue() {
        let model = Durations::emulator(None).model;
        for ty in CATALOGUE {
            let figures = model.figures(ty.name(), Work::Create);
            assert!(!figures.is_empty(), "{}", ty.name());
        }
        let none = Durations::emulator(Some(0)).model;
        assert!(none.known().all(|(.., figures)| {
            figures
                .iter()
                .all(|figure| figure.distribution.p95().is_zero())
        }));
    }
}
