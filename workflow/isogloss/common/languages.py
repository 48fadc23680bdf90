"""The table of languages: the codes that each data source uses, the script and the family.

A study uses the language codes of WikiANN (ISO 639-1 if the language has such a code). lang2vec can store the values of
a macrolanguage under the code of the macrolanguage, under the code of its largest member, or, rarely, under both. The
table lists both codes, and each feature set uses the code with more observed values. mBART codes are those of its 50
languages (Tang et al. 2020, arXiv 2008.00401). A language without an mBART code gets one of the same form, with XX.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from isogloss.common.errors import UserError


@dataclass(frozen=True)
class Language:
    """A language: its code (WikiANN, CLDR), English name, lang2vec codes in order of preference, mBART code, script and
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
"""The language that most pre-trained models and hyperparameters favour. Results are also reported without it."""

LOW_RESOURCE = ("sw", "bn")
"""Low-resource targets that are reported as cases if a study defines no others."""


def find_language(code: str) -> Language:
    """Return the language with a code. Raises UserError for an unknown code and lists the known codes."""
    try:
        return LANGUAGES[code]
    except KeyError:
        raise UserError(
            f"unknown language {code!r}; choose from {' '.join(sorted(LANGUAGES))}, "
            "or add it to the table in workflow/isogloss/common/languages.py"
        ) from None


def order_languages(codes: Iterable[str]) -> list[str]:
    """Return language codes sorted by family, then by name; unknown codes come last, sorted by code."""
    return sorted(set(codes), key=_place)


def _place(code: str) -> tuple:
    language = LANGUAGES.get(code)
    return (1, code) if language is None else (0, language.family, language.name)
