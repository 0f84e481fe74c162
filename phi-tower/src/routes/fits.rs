/// Whether a path can have matched a template: a second look, which knows nothing of the router's.
///
/// What it cannot tell passes: braces that stand for themselves, and what a parameter holds.
pub(crate) fn fits(template: &str, path: &str) -> bool {
    let is_slash = |byte: &u8| *byte == b'/';
    let mut found = path.as_bytes().split(is_slash);
    for segment in template.as_bytes().split(is_slash) {
        if segment.starts_with(b"{*") {
            return found.next().is_some();
        }
        if !found.next().is_some_and(|found| segment_fits(segment, found)) {
            return false;
        }
    }
    found.next().is_none()
}

fn segment_fits(segment: &[u8], found: &[u8]) -> bool {
    match segment.iter().position(|byte| matches!(byte, b'{' | b'}')) {
        None => segment == found,
        Some(at) => segment.get(..at).is_some_and(|fixed| found.starts_with(fixed)),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::MatchedPath;
    use axum::routing::get;
    use http::Request;
    use http_body_util::BodyExt as _;
    use proptest::prelude::*;
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn a_template_of_another_path_does_not_fit() {
        for (template, path) in [
            ("/public/report", "/report"),
            ("/public", "/"),
            ("/{clinic}/report", "/report"),
            ("/public/{*rest}", "/rest"),
            ("/report", "/report/"),
            ("/report", "/reports"),
            ("/r{id}", "/x7"),
        ] {
            assert!(!fits(template, path), "{template} {path}");
        }
        assert!(fits("/public/{*rest}", "/public/a/b"));
    }

    const TEMPLATES: [&str; 9] =
        ["/", "/a", "/a/", "/a/{x}", "/a/{x}/b", "/b/v{x}", "/c/{*rest}", "/d/{{x}}", "/d/{{{y}/e"];

    proptest! {
        #[test]
        fn what_axum_matches_fits(path in "(/[abcdev{}x%]{0,3}){1,4}") {
            let told = |path: MatchedPath| async move { path.as_str().to_owned() };
            let router =
                TEMPLATES.iter().fold(Router::<()>::new(), |router, path| router.route(path, get(told)));
            let Ok(request) = Request::get(&path).body(Body::empty()) else { return Ok(()) };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let template = runtime.block_on(async {
                let response = router.oneshot(request).await.unwrap();
                let found = response.status() == 200;
                let body = response.into_body().collect().await.unwrap().to_bytes();
                found.then(|| String::from_utf8(body.to_vec()).unwrap())
            });
            if let Some(template) = template {
                prop_assert!(fits(&template, &path), "{} {}", template, path);
            }
        }
    }
}
