use serde::Serializer;

use super::{PhiValue, PlainBuf, ValueError, ValueType};

/// An enum of codes, each with a stable text, so that it can stand inside a [`Phi`](crate::Phi).
///
/// Derive it on an enum whose variants hold nothing; `#[phi(code = "…")]` names each stored code,
/// so that renaming a variant loses no data (promise P5).
///
/// ```
/// use phi_core::{Phi, PhiCode};
///
/// #[derive(Clone, Copy, PartialEq, Debug, PhiCode)]
/// enum HivStatus {
///     #[phi(code = "negative")]
///     Negative,
///     #[phi(code = "positive")]
///     Positive,
/// }
///
/// let status = Phi::new(HivStatus::Positive);
/// assert_eq!(format!("{status:?}"), "Phi(redacted)");
/// assert_eq!(HivStatus::from_code("positive").unwrap(), HivStatus::Positive);
/// assert!(HivStatus::from_code("Positive").is_err()); // the stored code, not the variant's name
/// ```
pub trait PhiCode: Copy {
    /// The code that is stored.
    fn code(&self) -> &'static str;

    /// The value of a stored code.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if no variant has this code.
    fn from_code(code: &str) -> Result<Self, ValueError>;

    /// What a wiped value is overwritten with: the first variant.
    fn blank() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: PhiCode> PhiValue for T {
    const TYPE: ValueType = ValueType::Code;

    fn encoded_len(&self) -> usize {
        self.code().len()
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        out.put(self.code().as_bytes())
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        T::from_code(std::str::from_utf8(bytes).map_err(|_| ValueError)?)
    }

    fn wipe(&mut self) {
        super::overwrite(self, T::blank());
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
