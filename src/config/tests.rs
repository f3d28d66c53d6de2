use super::*;

fn parse(text: &str) -> Result<Config, Faults> {
    Config::parse(Path::new("test.toml"), text, [])
}

fn faults(text: &str) -> Vec<String> {
    parse(text).unwrap_err().faults.iter().map(ToString::to_string).collect()
}

#[test]
fn an_empty_file_gives_the_documented_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.store.keep_html, Duration::from_secs(30 * 86_400));
    assert_eq!(config.fetch.concurrency, 64);
    assert_eq!(config.fetch.per_host_delay, Duration::from_secs(5));
    assert_eq!(config.fetch.timeout, Duration::from_secs(60));
    assert_eq!(config.fetch.max_body, 15_000_000);
    assert_eq!(config.schedule.min_interval, Duration::from_secs(300));
    assert_eq!(config.schedule.max_interval, Duration::from_secs(86_400));
    assert_eq!(config.group.window, Duration::from_secs(7 * 86_400));
    assert_eq!(config.rechecks.after, [1, 24, 168].map(|hours| Duration::from_secs(hours * 3_600)));
    assert!(config.feeds.is_empty());
}

#[test]
fn looking_again_is_switched_off_by_an_empty_list() {
    let config = parse("[recheck]\nafter = []\n").unwrap();
    assert!(config.rechecks.after.is_empty());
    let config = parse("[recheck]\nafter = [\"2d\", \"30m\"]\nbudget = 0.5\n").unwrap();
    assert_eq!(config.rechecks.after, [30, 2 * 24 * 60].map(|minutes| Duration::from_secs(minutes * 60)));
    let told = faults("[recheck]\nafter = [\"soon\", 3]\nbudget = 25\n");
    assert_eq!(told.len(), 3, "{told:#?}");
}

#[test]
fn every_fault_is_told_with_line_and_key() {
    let told = faults(
        "[fetch]\nconcurency = 8\ntimeout = \"soon\"\n\n[[feeds]]\nname = \"a\"\nurl = \"ftp://a.example/\"\n\n[[feeds]]\nname = \"a\"\n\
         url = \"https://a.example/\"\ntimezone = \"Mars/Olympus\"\n",
    );
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(told[0].starts_with("line 2: `fetch.concurency` is not known; did you mean `concurrency`?"), "{}", told[0]);
    assert!(told[1].starts_with("line 3: `fetch.timeout` is \"soon\""), "{}", told[1]);
    assert!(told[2].starts_with("line 7: `feeds.url` is `ftp://a.example/`"), "{}", told[2]);
    assert!(told[3].starts_with("line 10: `feeds.name` `a` is the name of another feed of line 6"), "{}", told[3]);
    assert!(told[4].starts_with("line 12: `feeds.timezone` is `Mars/Olympus`"), "{}", told[4]);
}

#[test]
fn credentials_in_an_address_become_a_header() {
    let config = parse("[[feeds]]\nname = \"a\"\nurl = \"https://desk:secret@a.example/rss\"\n").unwrap();
    assert_eq!(config.feeds[0].url.as_str(), "https://a.example/rss");
    assert!(config.feeds[0].headers.is_some());
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let told = faults("[fetch]\nconcurrency = \n");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("line 2: "), "{told:?}");
}

#[test]
fn the_environment_goes_over_the_file_and_its_faults_are_told() {
    let environment =
        |name: &str, value: &str| [(name.to_owned(), value.to_owned()), ("DATELINE_CONFIG".to_owned(), "x".to_owned())];
    let text = "[fetch]\nconcurrency = 8\nallow_networks = []\n";
    let config = Config::parse(Path::new("t"), text, environment("DATELINE_FETCH__CONCURRENCY", "9")).unwrap();
    assert_eq!(config.fetch.concurrency, 9);
    let config = Config::parse(Path::new("t"), text, environment("DATELINE_STORE__PATH", "/var/x.db")).unwrap();
    assert_eq!(config.store.path, Path::new("/var/x.db"));
    let config =
        Config::parse(Path::new("t"), text, environment("DATELINE_FETCH__ALLOW_NETWORKS", "10.0.0.0/8, ::1/128"))
            .unwrap();
    assert_eq!(config.fetch.allow_networks.len(), 2);
    let refused = Config::parse(Path::new("t"), text, environment("DATELINE_FETCH__CONCURENCY", "9")).unwrap_err();
    assert!(refused.to_string().contains("did you mean `concurrency`"), "{refused}");
}

#[test]
fn a_header_can_name_a_credential() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plain"), "Bearer sesame\n").unwrap();
    std::fs::write(folder.path().join("dateline_foldered"), "Bearer sesame").unwrap();
    std::fs::write(folder.path().join("broken"), "two\nlines sesame").unwrap();
    let within = [("CREDENTIALS_DIRECTORY".to_owned(), folder.path().display().to_string())];
    let text = |name: &str| {
        format!(
            "[[feeds]]\nname = \"a\"\nurl = \"https://a.example/\"\nheaders = {{ Authorization = {{ credential = \"{name}\" }} }}\n"
        )
    };
    for name in ["plain", "foldered"] {
        let config = Config::parse(Path::new("t"), &text(name), within.clone()).unwrap();
        assert!(config.feeds[0].headers.is_some() && config.withheld.is_empty(), "{name}");
        assert!(!format!("{config:?}").contains("sesame"), "{name}");
    }
    for (name, expect) in [
        ("missing", "which is not in"),
        ("../plain", "a name has letters"),
        (".", "a name has letters"),
        ("broken", "one line"),
    ] {
        let refused = Config::parse(Path::new("t"), &text(name), within.clone()).unwrap_err().to_string();
        assert!(refused.contains("line 4: `feeds.headers`") && refused.contains(expect), "{refused}");
        assert!(!refused.contains("sesame"), "{refused}");
    }
    // Who only reads the database needs no secrets.
    let config = parse(&text("plain")).unwrap();
    assert_eq!(config.withheld.len(), 1);
    assert!(config.withheld[0].to_string().contains("$CREDENTIALS_DIRECTORY is not set"), "{}", config.withheld[0]);
}

#[test]
fn metrics_are_off_until_an_address_is_named() {
    assert_eq!(parse("").unwrap().metrics, Metrics::default());
    let config = parse("[metrics]\nlisten = \"127.0.0.1:9630\"\nper_feed = true\n").unwrap();
    assert_eq!(config.metrics.listen, Some("127.0.0.1:9630".parse().unwrap()));
    assert!(config.metrics.per_feed);
    assert!(
        faults("[metrics]\nlisten = 9630\n")[0].starts_with("line 2: `metrics.listen` is a number"),
        "{:?}",
        faults("[metrics]\nlisten = 9630\n")
    );
}
