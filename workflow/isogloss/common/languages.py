"""One table of languages: the codes that each source of data uses, the script, the family.

A study names languages by WikiANN's code (ISO 639-1 where there is one). lang2vec keeps values of a
macrolanguage under its own code and under its largest member, seldom under both: both are listed, and
each feature set takes the one with more observed values. mBART's codes are those of its 50 languages (Tang et al.
2020, arXiv 2008.00401); for a language that it has none of, one is made in its manner, with XX.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from isogloss.common.errors import UserError


@dataclass(frozen=True)
class Language:
    """A language: code (WikiANN, CLDR), English name, lang2vec codes in order of preference, mBART's code, script,
    family."""

    code: str
    name: str
    lang2vec: tuple[str, ...]
    mbart: str
    script: str
    family: str


_TABLE = """
af Afrikaans   afr        af_ZA  Latin       Indo-European
ar Arabic      arb,ara    ar_AR  Arabic      Afro-Asiatic
bg Bulgarian   bul        bg_XX  Cyrillic    Indo-European
bn Bengali     ben        bn_IN  Bengali     Indo-European
bs Bosnian     bos        bs_XX  Latin       Indo-European
ca Catalan     cat        ca_XX  Latin       Indo-European
cs Czech       ces        cs_CZ  Latin       Indo-European
da Danish      dan        da_XX  Latin       Indo-European
de German      deu        de_DE  Latin       Indo-European
el Greek       ell        el_XX  Greek       Indo-European
en English     eng        en_XX  Latin       Indo-European
es Spanish     spa        es_XX  Latin       Indo-European
et Estonian    ekk,est    et_EE  Latin       Uralic
eu Basque      eus        eu_XX  Latin       Basque
fa Persian     pes,fas    fa_IR  Arabic      Indo-European
fi Finnish     fin        fi_FI  Latin       Uralic
fr French      fra        fr_XX  Latin       Indo-European
he Hebrew      heb        he_IL  Hebrew      Afro-Asiatic
hi Hindi       hin        hi_IN  Devanagari  Indo-European
hr Croatian    hrv        hr_HR  Latin       Indo-European
hu Hungarian   hun        hu_XX  Latin       Uralic
id Indonesian  ind        id_ID  Latin       Austronesian
it Italian     ita        it_IT  Latin       Indo-European
ja Japanese    jpn        ja_XX  Japanese    Japonic
jv Javanese    jav        jv_XX  Latin       Austronesian
ka Georgian    kat        ka_GE  Georgian    Kartvelian
kk Kazakh      kaz        kk_KZ  Cyrillic    Turkic
ko Korean      kor        ko_KR  Hangul      Koreanic
lt Lithuanian  lit        lt_LT  Latin       Indo-European
lv Latvian     lav        lv_LV  Latin       Indo-European
mk Macedonian  mkd        mk_MK  Cyrillic    Indo-European
ml Malayalam   mal        ml_IN  Malayalam   Dravidian
mr Marathi     mar        mr_IN  Devanagari  Indo-European
ms Malay       zsm,msa    ms_XX  Latin       Austronesian
my Burmese     mya        my_MM  Myanmar     Sino-Tibetan
nl Dutch       nld        nl_XX  Latin       Indo-European
no Norwegian   nor,nob    no_XX  Latin       Indo-European
pl Polish      pol        pl_PL  Latin       Indo-European
pt Portuguese  por        pt_XX  Latin       Indo-European
ro Romanian    ron        ro_RO  Latin       Indo-European
ru Russian     rus        ru_RU  Cyrillic    Indo-European
sk Slovak      slk        sk_XX  Latin       Indo-European
sl Slovenian   slv        sl_SI  Latin       Indo-European
sq Albanian    als        sq_XX  Latin       Indo-European
sv Swedish     swe        sv_SE  Latin       Indo-European
sw Swahili     swh,swa    sw_KE  Latin       Atlantic-Congo
ta Tamil       tam        ta_IN  Tamil       Dravidian
te Telugu      tel        te_IN  Telugu      Dravidian
th Thai        tha        th_TH  Thai        Tai-Kadai
tl Tagalog     tgl        tl_XX  Latin       Austronesian
tr Turkish     tur        tr_TR  Latin       Turkic
uk Ukrainian   ukr        uk_UA  Cyrillic    Indo-European
ur Urdu        urd        ur_PK  Arabic      Indo-European
vi Vietnamese  vie        vi_VN  Latin       Austroasiatic
yo Yoruba      yor        yo_XX  Latin       Atlantic-Congo
zh Chinese     cmn,zho    zh_CN  Han         Sino-Tibetan
"""


def _read_table() -> dict[str, Language]:
    rows = (line.split() for line in _TABLE.strip().splitlines())
    return {
        code: Language(code, name, tuple(lang2vec.split(",")), mbart, script, family)
        for code, name, lang2vec, mbart, script, family in rows
    }


LANGUAGES: dict[str, Language] = _read_table()

ENGLISH = "en"
"""The language that most models start from and recipes are chosen in: what is found without it is told as well."""

LOW_RESOURCE = ("sw", "bn")
"""Low-resource targets that are reported as cases where a study names no others."""


def find_language(code: str) -> Language:
    """Return the language of a code; a UserError names an unknown one and lists those known."""
    try:
        return LANGUAGES[code]
    except KeyError:
        raise UserError(
            f"unknown language {code!r}: known are {' '.join(sorted(LANGUAGES))}; "
            "add a line to workflow/isogloss/common/languages.py for another"
        ) from None


def order_languages(codes: Iterable[str]) -> list[str]:
    """Return language codes by family, then name; unknown ones last, by code."""
    return sorted(set(codes), key=_place)


def _place(code: str) -> tuple:
    language = LANGUAGES.get(code)
    return (1, code) if language is None else (0, language.family, language.name)
