"""Makes the vectors of FORMAT.md: a second implementation, in another language.

    python3 make.py    (needs the package `cryptography`)

Everything is drawn from fixed seeds, so that a second run changes no byte. All data is synthetic.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import uuid

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).parent
CLINIC = uuid.UUID("018f0000-0000-7000-8000-00000000000a")
OTHER = uuid.UUID("018f0000-0000-7000-8000-00000000000b")
RECORD = uuid.UUID("018f0000-0000-7000-8000-000000000001")


def drawn(label, n):
    return hashlib.shake_128(b"phi vectors " + label.encode()).digest(n)


def lp(*parts):
    return b"".join(struct.pack(">I", len(p)) + p for p in parts)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(salt, material, *info):
    return mac(mac(salt, material), lp(*info) + b"\x01")


def aes(key, block):
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def xaes(key, nonce, text, aad):
    k = int.from_bytes(aes(key, bytes(16)), "big") << 1
    k1 = (k ^ 0x87 if k >> 128 else k) & (1 << 128) - 1
    derived = b""
    for counter in (1, 2):
        block = bytes([0, counter]) + b"X\0" + nonce[:12]
        derived += aes(key, (int.from_bytes(block, "big") ^ k1).to_bytes(16, "big"))
    return AESGCM(derived).encrypt(nonce[12:], text, aad)


def encoded(an_id):
    if isinstance(an_id, uuid.UUID):
        return b"\x01" + an_id.bytes
    if isinstance(an_id, int):
        return b"\x02" + struct.pack(">q", an_id)
    return b"\x03" + an_id.encode()


def padded(text, block=16):
    text += b"\x80"
    return text + bytes(-len(text) % block)


class Key:
    def __init__(self, name, state):
        self.id = drawn("id " + name, 4)
        self.material = drawn("material " + name, 32)
        self.state = state

    def seal(self, scope, tenant, record, field, kind, an_id, text, pad=16, nonce=None):
        tag = hashlib.sha256(
            lp(b"phi/1 column", scope.encode(), encoded(tenant) if tenant else b"",
               record.encode(), field.encode(), kind.encode())).digest()[:16]
        nonce = nonce or drawn(f"nonce {field} {an_id} {text!r}", 24)
        sealing = expand(b"phi/1 key", self.material, b"seal")
        aad = tag + encoded(an_id)
        return b"\x01" + self.id + nonce + xaes(sealing, nonce, padded(text, pad), aad)

    def token(self, tenant, record, field, normaliser, normal, bits=64):
        key = expand(b"phi/1 key", self.material, b"index", encoded(tenant), record.encode(),
                     field.encode(), normaliser.encode())
        t = bytearray(mac(key, normal.encode())[: (bits + 7) // 8])
        if bits % 8:
            t[-1] &= 0xFF << (8 - bits % 8) & 0xFF
        return self.id + bytes(t)


PREPARED, PRIMARY, ACTIVE, RETIRED, DESTROYED = 1, 2, 3, 4, 5
primary, active = Key("primary", PRIMARY), Key("active", ACTIVE)
retired, destroyed = Key("retired", RETIRED), Key("destroyed", DESTROYED)
other, common, stranger = Key("other", PRIMARY), Key("common", PRIMARY), Key("stranger", PRIMARY)
SCOPE = f"tenant:{CLINIC}"


def write_keys():
    root = drawn("root", 32)
    print_of = expand(b"phi/1 root", root, b"fingerprint")[:8].hex()
    (HERE / "root.key").write_text(f"phi-root-1:{print_of}:{root.hex()}\n")
    rings = {
        "all": [common],
        SCOPE: [retired, active, primary, destroyed],
        f"tenant:{OTHER}": [other],
    }
    lines = f"phi-keyring-1\nroot {print_of}\ngoverned no\ngeneration 4\n"
    for scope, versions in rings.items():
        body = b"\x01" + struct.pack(">H", len(versions))
        for v in versions:
            indexed = v.state in (PRIMARY, ACTIVE)
            material = bytes(32) if v.state == DESTROYED else v.material
            body += v.id + bytes([v.state, indexed]) + struct.pack(">Q", 1767225600) + material
        nonce = drawn("ring " + scope, 24)
        wrapped = nonce + xaes(expand(b"phi/1 root", root, b"wrap"), nonce, body,
                               lp(b"phi/1 ring", scope.encode()))
        lines += f"ring {scope} {base64.b64encode(wrapped).decode()}\n"
    check = mac(expand(b"phi/1 root", root, b"check"), lines.encode()).hex()
    (HERE / "keyring").write_text(lines + f"mac {check}\n")


def vector(folder, name, **members):
    path = HERE / folder / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(members, indent=2) + "\n")


def sealed(field, kind, text, key=primary, tenant=CLINIC, an_id=RECORD, **more):
    scope = f"tenant:{tenant}"
    return key.seal(scope, tenant, "vector", field, kind, an_id, text, **more)


def write_values():
    values = [
        ("text", "text", "Ada Sample", b"Ada Sample"),
        ("text_empty", "text", "", b""),
        ("text_block_long", "text", "exactly sixteen.", b"exactly sixteen."),
        ("text_unicode", "text", "José Ñandú 🩺", "José Ñandú 🩺".encode()),
        ("bytes", "bytes", "00ff80", b"\x00\xff\x80"),
        ("int", "int", -42, struct.pack(">q", -42)),
        ("uint", "uint", 2**64 - 1, struct.pack(">Q", 2**64 - 1)),
        ("float", "float", 36.6, struct.pack(">d", 36.6)),
        ("bool", "bool", True, b"\x01"),
        ("uuid", "uuid", str(OTHER), OTHER.bytes),
        ("date", "date", "1948-02-29", b"1948-02-29"),
        ("time", "time", "04:05:06.07", b"04:05:06.07"),
        ("datetime", "datetime", "2001-02-03T04:05:06", b"2001-02-03T04:05:06"),
        ("timestamp", "timestamp", "2001-02-03T04:05:06.789Z", b"2001-02-03T04:05:06.789Z"),
        ("json", "json", ["a", 1], b'["a",1]'),
        ("code", "code", "positive", b"positive"),
    ]
    for name, kind, value, text in values:
        vector("opens", name, field=kind, id=str(RECORD), value=value,
               sealed=sealed(kind, kind, text).hex())
    for name, key in (("key_active", active), ("key_retired", retired)):
        vector("opens", name, field="text", id=str(RECORD), value="old",
               sealed=sealed("text", "text", b"old", key=key).hex())
    for name, pad in (("padded_to_64", 64), ("padding_marker_only", 1)):
        vector("opens", name, field="text", id=str(RECORD), value="short",
               sealed=sealed("text", "text", b"short", pad=pad).hex())


def write_refusals():
    good = sealed("text", "text", b"Ada Sample")
    flip = lambda at: good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
    no_marker = primary.seal(SCOPE, CLINIC, "vector", "text", "text", RECORD, b"x" * 15)
    nonce = drawn("nonce unpadded", 24)
    tag = hashlib.sha256(lp(b"phi/1 column", SCOPE.encode(), encoded(CLINIC), b"vector", b"text",
                            b"text")).digest()[:16]
    unpadded = b"\x01" + primary.id + nonce + xaes(
        expand(b"phi/1 key", primary.material, b"seal"), nonce, b"no padding at al", tag + encoded(RECORD))
    assert no_marker != unpadded
    refusals = {
        "clear_text": b"Ada Sample",
        "clear_text_that_begins_like_a_value": b"\x01 not sealed but long enough to be one, one would think",
        "empty": b"",
        "header_only": good[:29],
        "tag_short": good[:-1],
        "no_ciphertext": good[:29] + good[-16:],
        "trailing_byte": good + b"\0",
        "version_0": b"\0" + good[1:],
        "version_2": b"\x02" + good[1:],
        "key_id_unknown": sealed("text", "text", b"Ada Sample", key=stranger),
        "key_of_another_tenant": sealed("text", "text", b"Ada Sample", key=other),
        "key_destroyed": sealed("text", "text", b"Ada Sample", key=destroyed),
        "nonce_prefix_changed": flip(5),
        "nonce_changed": flip(28),
        "ciphertext_changed": flip(29),
        "tag_changed": flip(len(good) - 1),
        "place_of_another_tenant": sealed("text", "text", b"Ada Sample", tenant=OTHER),
        "place_of_another_field": sealed("code", "text", b"Ada Sample"),
        "place_of_another_record": primary.seal(SCOPE, CLINIC, "other", "text", "text", RECORD, b"Ada"),
        "place_of_another_id": sealed("text", "text", b"Ada Sample", an_id=OTHER),
        "id_of_another_kind": sealed("text", "text", b"Ada Sample", an_id=str(RECORD)),
        "value_of_another_type": sealed("text", "bytes", b"Ada Sample"),
        "scope_all_under_a_tenants_key": primary.seal("all", CLINIC, "vector", "text", "text", RECORD, b"Ada"),
        "padding_absent": unpadded,
        "text_not_utf8": sealed("text", "text", b"\xff\xfe"),
    }
    for name, value in refusals.items():
        vector("refuses", name, field="text", id=str(RECORD), sealed=value.hex())
    types = {
        "bool_2": ("bool", b"\x02"),
        "int_short": ("int", b"\0" * 7),
        "uint_long": ("uint", b"\0" * 9),
        "uuid_short": ("uuid", b"\0" * 15),
        "date_not_canonical": ("date", b"1948-2-29"),
        "date_impossible": ("date", b"1949-02-29"),
        "time_trailing_zero": ("time", b"04:05:06.070"),
        "timestamp_not_utc": ("timestamp", b"2001-02-03T04:05:06+01:00"),
        "json_broken": ("json", b'["a",'),
        "code_unknown": ("code", b"maybe"),
    }
    for name, (kind, text) in types.items():
        vector("refuses", name, field=kind, id=str(RECORD), sealed=sealed(kind, kind, text).hex())


def write_tokens():
    asked = [
        ("ssn", "ssn", "123-45-6789", "123456789", 64),
        ("phone", "phone", "(555) 475-6178", "+15554756178", 64),
        ("name", "text", "  José  ÁLVAREZ ", "jose alvarez", 64),
        ("born", "date", "2/29/1948", "1948-02-29", 64),
        ("last4", "last4", "123-45-6789", "6789", 13),
        ("digits", "digits", "MRN 00-12", "0012", 256),
    ]
    for field, normaliser, value, normal, bits in asked:
        tokens = [k.token(CLINIC, "indexed", field, normaliser, normal, bits).hex()
                  for k in (primary, active)]
        vector("tokens", field, field=field, value=value, tokens=tokens)


write_keys()
write_values()
write_refusals()
write_tokens()
