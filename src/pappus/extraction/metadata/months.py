"""Names of the months, to read dates with.

Source: Unicode CLDR, the Gregorian calendar's month names of each language, wide and abbreviated, in their format and
stand-alone forms, case folded and without the dots of abbreviations; of German and Arabic with the names of Austria and
the Levant; of Persian the months of the Solar Hijri calendar.
A few spellings that news sites use besides are added: "maerz", "mrz", "set", "sept".
"""

from __future__ import annotations

from typing import Final

# Language: its twelve months in order, forms of one with "|" between them, "_" for a space.
_NAMES: Final = {
    "af": (
        "januarie|jan februarie|feb maart|mrt april|apr mei junie|jun julie|jul augustus|aug september|sep oktober|okt "
        "november|nov desember|des"
    ),
    "am": "ጃንዋሪ|ጃን ፌብሩዋሪ|ፌብ ማርች ኤፕሪል|ኤፕሪ ሜይ ጁን ጁላይ ኦገስት|ኦገስ ሴፕቴምበር|ሴፕቴ ኦክቶበር|ኦክቶ ኖቬምበር|ኖቬም ዲሴምበር|ዲሴም",
    "ar": (
        "يناير|كانون_الثاني فبراير|شباط مارس|آذار أبريل|نيسان مايو|أيار يونيو|حزيران يوليو|تموز أغسطس|آب سبتمبر|أيلول "
        "أكتوبر|تشرين_الأول نوفمبر|تشرين_الثاني ديسمبر|كانون_الأول"
    ),
    "az": (
        "yanvar|yan fevral|fev mart|mar aprel|apr may iyun|iyn iyul|iyl avqust|avq sentyabr|sen oktyabr|okt noyabr|noy "
        "dekabr|dek"
    ),
    "be": (
        "студзеня|студзень|сту лютага|люты|лют сакавіка|сакавік|сак красавіка|красавік|кра мая|май чэрвеня|чэрвень|чэр "
        "ліпеня|ліпень|ліп жніўня|жнівень|жні верасня|верасень|вер кастрычніка|кастрычнік|кас лістапада|лістапад|ліс "
        "снежня|снежань|сне"
    ),
    "bg": (
        "януари|яну февруари|фев март април|апр май юни юли август|авг септември|сеп октомври|окт ноември|ное "
        "декември|дек"
    ),
    "bn": ("জানুয়ারী|জানু ফেব্রুয়ারী|ফেব মার্চ এপ্রিল|এপ্রি মে জুন জুলাই|জুল আগস্ট|আগ সেপ্টেম্বর|সেপ অক্টোবর|অক্টো নভেম্বর|নভে ডিসেম্বর|ডিসে"),
    "bs": (
        "januar|jan februar|feb mart|mar april|apr maj juni|jun juli|jul august|aug septembar|sep oktobar|okt "
        "novembar|nov decembar|dec"
    ),
    "ca": (
        "de_gener|gener|de_gen|gen de_febrer|febrer|de_febr|febr de_març|març d’abril|abril|d’abr|abr de_maig|maig "
        "de_juny|juny de_juliol|juliol|de_jul|jul d’agost|agost|d’ag|ag de_setembre|setembre|de_set|set "
        "d’octubre|octubre|d’oct|oct de_novembre|novembre|de_nov|nov de_desembre|desembre|de_des|des"
    ),
    "cs": (
        "ledna|leden|led února|únor|úno března|březen|bře dubna|duben|dub května|květen|kvě června|červen|čvn "
        "července|červenec|čvc srpna|srpen|srp září|zář října|říjen|říj listopadu|listopad|lis prosince|prosinec|pro"
    ),
    "cy": (
        "ionawr|ion chwefror|chwef|chw mawrth|maw ebrill|ebr mai mehefin|meh gorffennaf|gorff|gor awst medi hydref|hyd "
        "tachwedd|tach rhagfyr|rhag"
    ),
    "da": (
        "januar|jan februar|feb marts|mar april|apr maj juni|jun juli|jul august|aug september|sep oktober|okt "
        "november|nov december|dec"
    ),
    "de": (
        "januar|jan|jaen|jänner|jän februar|feb märz|mär|mrz|maerz april|apr mai juni|jun juli|jul august|aug "
        "september|sept|sep oktober|okt november|nov dezember|dez"
    ),
    "el": (
        "ιανουαρίου|ιανουάριοσ|ιαν φεβρουαρίου|φεβρουάριοσ|φεβ μαρτίου|μάρτιοσ|μαρ|μάρ απριλίου|απρίλιοσ|απρ "
        "μαΐου|μάιοσ|μαΐ|μάι ιουνίου|ιούνιοσ|ιουν|ιούν ιουλίου|ιούλιοσ|ιουλ|ιούλ αυγούστου|αύγουστοσ|αυγ|αύγ "
        "σεπτεμβρίου|σεπτέμβριοσ|σεπ οκτωβρίου|οκτώβριοσ|οκτ νοεμβρίου|νοέμβριοσ|νοε|νοέ δεκεμβρίου|δεκέμβριοσ|δεκ"
    ),
    "en": (
        "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept october|oct "
        "november|nov december|dec"
    ),
    "es": (
        "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|sept|set "
        "octubre|oct noviembre|nov diciembre|dic"
    ),
    "et": (
        "jaanuar|jaan veebruar|veebr märts aprill|apr mai juuni juuli august|aug september|sept oktoober|okt november|nov "
        "detsember|dets"
    ),
    "eu": (
        "urtarrila|urt otsaila|ots martxoa|mar apirila|api maiatza|mai ekaina|eka uztaila|uzt abuztua|abu iraila|ira "
        "urria|urr azaroa|aza abendua|abe"
    ),
    "fi": (
        "tammikuuta|tammikuu|tammi helmikuuta|helmikuu|helmi maaliskuuta|maaliskuu|maalis huhtikuuta|huhtikuu|huhti "
        "toukokuuta|toukokuu|touko kesäkuuta|kesäkuu|kesä heinäkuuta|heinäkuu|heinä elokuuta|elokuu|elo "
        "syyskuuta|syyskuu|syys lokakuuta|lokakuu|loka marraskuuta|marraskuu|marras joulukuuta|joulukuu|joulu"
    ),
    "fil": (
        "enero|ene pebrero|peb marso|mar abril|abr mayo|may hunyo|hun hulyo|hul agosto|ago setyembre|set oktubre|okt "
        "nobyembre|nob disyembre|dis"
    ),
    "fr": (
        "janvier|janv février|févr|fevrier mars avril|avr mai juin juillet|juil août|aout septembre|sept octobre|oct "
        "novembre|nov décembre|déc|decembre"
    ),
    "ga": (
        "eanáir|ean feabhra|feabh márta aibreán|aib bealtaine|beal meitheamh|meith iúil lúnasa|lún meán_fómhair|mfómh "
        "deireadh_fómhair|dfómh samhain|samh nollaig|noll"
    ),
    "gl": (
        "xaneiro|xan febreiro|feb marzo|mar abril|abr maio xuño xullo|xul agosto|ago setembro|set outubro|out "
        "novembro|nov decembro|dec"
    ),
    "gu": ("જાન્યુઆરી|જાન્યુ ફેબ્રુઆરી|ફેબ્રુ માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ સપ્ટેમ્બર|સપ્ટે ઑક્ટોબર|ઑક્ટો નવેમ્બર|નવે ડિસેમ્બર|ડિસે"),
    "he": (
        "ינואר|ינו׳ פברואר|פבר׳ מרץ אפריל|אפר׳ מאי יוני יולי אוגוסט|אוג׳ ספטמבר|ספט׳ אוקטובר|אוק׳ נובמבר|נוב׳ דצמבר|דצמ׳"
    ),
    "hi": ("जनवरी|जन॰ फ़रवरी|फ़र॰ मार्च अप्रैल मई जून जुलाई|जुल॰ अगस्त|अग॰ सितंबर|सित॰ अक्टूबर|अक्टू॰ नवंबर|नव॰ दिसंबर|दिस॰"),
    "hr": (
        "siječnja|siječanj|sij veljače|veljača|velj ožujka|ožujak|ožu travnja|travanj|tra svibnja|svibanj|svi "
        "lipnja|lipanj|lip srpnja|srpanj|srp kolovoza|kolovoz|kol rujna|rujan|ruj listopada|listopad|lis "
        "studenoga|studeni|stu prosinca|prosinac|pro"
    ),
    "hu": (
        "január|jan február|febr március|márc április|ápr május|máj június|jún július|júl augusztus|aug szeptember|szept "
        "október|okt november|nov december|dec"
    ),
    "hy": (
        "հունվարի|հունվար|հնվ փետրվարի|փետրվար|փտվ մարտի|մարտ|մրտ ապրիլի|ապրիլ|ապր մայիսի|մայիս|մյս հունիսի|հունիս|հնս "
        "հուլիսի|հուլիս|հլս օգոստոսի|օգոստոս|օգս սեպտեմբերի|սեպտեմբեր|սեպ հոկտեմբերի|հոկտեմբեր|հոկ նոյեմբերի|նոյեմբեր|նոյ "
        "դեկտեմբերի|դեկտեմբեր|դեկ"
    ),
    "id": (
        "januari|jan februari|feb maret|mar april|apr mei juni|jun juli|jul agustus|agu september|sep oktober|okt "
        "november|nov desember|des"
    ),
    "is": (
        "janúar|jan febrúar|feb mars|mar apríl|apr maí júní|jún júlí|júl ágúst|ágú september|sep október|okt nóvember|nóv "
        "desember|des"
    ),
    "it": (
        "gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set "
        "ottobre|ott novembre|nov dicembre|dic"
    ),
    "ka": (
        "იანვარი|იან თებერვალი|თებ მარტი|მარ აპრილი|აპრ მაისი|მაი ივნისი|ივნ ივლისი|ივლ აგვისტო|აგვ სექტემბერი|სექ "
        "ოქტომბერი|ოქტ ნოემბერი|ნოე დეკემბერი|დეკ"
    ),
    "kk": (
        "қаңтар|қаң ақпан|ақп наурыз|нау сәуір|сәу мамыр|мам маусым|мау шілде|шіл тамыз|там қыркүйек|қыр қазан|қаз "
        "қараша|қар желтоқсан|жел"
    ),
    "km": "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
    "kn": ("ಜನವರಿ|ಜನ ಫೆಬ್ರವರಿ|ಫೆಬ್ರ ಮಾರ್ಚ್ ಏಪ್ರಿಲ್|ಏಪ್ರಿ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್|ಆಗ ಸೆಪ್ಟೆಂಬರ್|ಸೆಪ್ಟೆಂ ಅಕ್ಟೋಬರ್|ಅಕ್ಟೋ ನವೆಂಬರ್|ನವೆಂ ಡಿಸೆಂಬರ್|ಡಿಸೆಂ"),
    "lb": (
        "januar|jan februar|feb mäerz|mäe abrëll|abr mee juni|jun juli|jul august|aug september|sep oktober|okt "
        "november|nov dezember|dez"
    ),
    "lo": (
        "ມັງກອນ|ມ.ກ ກຸມພາ|ກ.ພ ມີນາ|ມ.ນ ເມສາ|ມ.ສ ພຶດສະພາ|ພ.ພ ມິຖຸນາ|ມິ.ຖ ກໍລະກົດ|ກ.ລ ສິງຫາ|ສ.ຫ ກັນຍາ|ກ.ຍ ຕຸລາ|ຕ.ລ ພະຈິກ|ພ.ຈ ທັນວາ|ທ.ວ"
    ),
    "lt": (
        "sausio|sausis|saus vasario|vasaris|vas kovo|kovas|kov balandžio|balandis|bal gegužės|gegužė|geg "
        "birželio|birželis|birž liepos|liepa|liep rugpjūčio|rugpjūtis|rugp rugsėjo|rugsėjis|rugs spalio|spalis|spal "
        "lapkričio|lapkritis|lapkr gruodžio|gruodis|gruod"
    ),
    "lv": (
        "janvāris|janv februāris|febr marts aprīlis|apr maijs jūnijs|jūn jūlijs|jūl augusts|aug septembris|sept "
        "oktobris|okt novembris|nov decembris|dec"
    ),
    "mk": (
        "јануари|јан февруари|фев март|мар април|апр мај јуни|јун јули|јул август|авг септември|сеп октомври|окт "
        "ноември|ное декември|дек"
    ),
    "ml": (
        "ജനുവരി|ജനു ഫെബ്രുവരി|ഫെബ്രു മാർച്ച്|മാർ ഏപ്രിൽ|ഏപ്രി മേയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ്|ഓഗ സെപ്റ്റംബർ|സെപ്റ്റം ഒക്‌ടോബർ|ഒക്ടോ നവംബർ|നവം ഡിസംബർ|ഡിസം"
    ),
    "mr": ("जानेवारी|जाने फेब्रुवारी|फेब्रु मार्च एप्रिल|एप्रि मे जून जुलै ऑगस्ट|ऑग सप्टेंबर|सप्टें ऑक्टोबर|ऑक्टो नोव्हेंबर|नोव्हें डिसेंबर|डिसें"),
    "ms": (
        "januari|jan februari|feb mac april|apr mei jun julai|jul ogos|ogo september|sep oktober|okt november|nov "
        "disember|dis"
    ),
    "mt": (
        "jannar|jan frar|fra marzu|mar april|apr mejju|mej ġunju|ġun lulju|lul awwissu|aww settembru|set ottubru|ott "
        "novembru|nov diċembru|diċ"
    ),
    "my": ("ဇန်နဝါရီ|ဇန် ဖေဖော်ဝါရီ|ဖေ မတ် ဧပြီ မေ ဇွန် ဇူလိုင်|ဇူ ဩဂုတ် စက်တင်ဘာ|စက် အောက်တိုဘာ|အောက် နိုဝင်ဘာ|နို ဒီဇင်ဘာ|ဒီ"),
    "nb": (
        "januar|jan februar|feb mars|mar april|apr mai juni|jun juli|jul august|aug september|sep oktober|okt "
        "november|nov desember|des"
    ),
    "ne": "जनवरी फेब्रुअरी मार्च अप्रिल मे जुन जुलाई अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर",
    "nl": (
        "januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sep oktober|okt "
        "november|nov december|dec"
    ),
    "pa": ("ਜਨਵਰੀ|ਜਨ ਫ਼ਰਵਰੀ|ਫ਼ਰ ਮਾਰਚ ਅਪ੍ਰੈਲ|ਅਪ੍ਰੈ ਮਈ ਜੂਨ ਜੁਲਾਈ|ਜੁਲਾ ਅਗਸਤ|ਅਗ ਸਤੰਬਰ|ਸਤੰ ਅਕਤੂਬਰ|ਅਕਤੂ ਨਵੰਬਰ|ਨਵੰ ਦਸੰਬਰ|ਦਸੰ"),
    "pl": (
        "stycznia|styczeń|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecień|kwi maja|maj czerwca|czerwiec|cze "
        "lipca|lipiec|lip sierpnia|sierpień|sie września|wrzesień|wrz października|październik|paź listopada|listopad|lis "
        "grudnia|grudzień|gru"
    ),
    "ps": "جنوري فبروري|فېبروري مارچ اپریل مۍ جون جولای اګست سېپتمبر|سپتمبر اکتوبر نومبر دسمبر",
    "pt": (
        "janeiro|jan fevereiro|fev março|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out "
        "novembro|nov dezembro|dez"
    ),
    "ro": (
        "ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun iulie|iul august|aug septembrie|sept "
        "octombrie|oct noiembrie|nov decembrie|dec"
    ),
    "ru": (
        "января|январь|янв февраля|февраль|февр марта|март|мар апреля|апрель|апр мая|май июня|июнь|июн июля|июль|июл "
        "августа|август|авг сентября|сентябрь|сент октября|октябрь|окт ноября|ноябрь|нояб декабря|декабрь|дек"
    ),
    "rw": (
        "mutarama|mut gashyantare|gas werurwe|wer mata|mat gicurasi|gic kamena|kam nyakanga|nya kanama|kan nzeri|nze "
        "ukwakira|ukw ugushyingo|ugu ukuboza|uku"
    ),
    "si": ("ජනවාරි|ජන පෙබරවාරි|පෙබ මාර්තු|මාර් අප්රේල් මැයි ජූනි ජූලි අගෝස්තු|අගෝ සැප්තැම්බර්|සැප් ඔක්තෝබර්|ඔක් නොවැම්බර්|නොවැ දෙසැම්බර්|දෙසැ"),
    "sk": (
        "januára|január|jan februára|február|feb marca|marec|mar apríla|apríl|apr mája|máj júna|jún júla|júl "
        "augusta|august|aug septembra|september|sep októbra|október|okt novembra|november|nov decembra|december|dec"
    ),
    "sl": (
        "januar|jan februar|feb marec|mar april|apr maj junij|jun julij|jul avgust|avg september|sep oktober|okt "
        "november|nov december|dec"
    ),
    "so": (
        "janaayo|jannaayo|jan febraayo|feb maarso|mar abriil|abr maayo|may juun|jun luulyo|lul agosto|ogosto|ogs "
        "sebtembar|sebteembar|seb oktoobar|okt noofeembar|nof diseembar|dis"
    ),
    "sq": (
        "janar|jan shkurt|shk mars|mar prill|pri maj qershor|qer korrik|korr gusht|gush shtator|sht tetor|tet nëntor|nën "
        "dhjetor|dhj"
    ),
    "sr": (
        "јануар|јан|januar|jan фебруар|феб|februar|feb март|мар|mart|mar април|апр|april|apr мај|maj јун|jun јул|jul "
        "август|авг|avgust|avg септембар|сеп|septembar|sep октобар|окт|oktobar|okt новембар|нов|novembar|nov "
        "децембар|дец|decembar|dec"
    ),
    "sv": (
        "januari|jan februari|feb mars april|apr maj juni juli augusti|aug september|sep oktober|okt november|nov "
        "december|dec"
    ),
    "sw": (
        "januari|jan februari|feb machi|mac aprili|apr mei juni|jun julai|jul agosti|ago septemba|sep oktoba|okt "
        "novemba|nov desemba|des"
    ),
    "ta": ("ஜனவரி|ஜன பிப்ரவரி|பிப் மார்ச்|மார் ஏப்ரல்|ஏப் மே ஜூன் ஜூலை ஆகஸ்ட்|ஆக செப்டம்பர்|செப் அக்டோபர்|அக் நவம்பர்|நவ டிசம்பர்|டிச"),
    "te": ("జనవరి|జన ఫిబ్రవరి|ఫిబ్ర మార్చి ఏప్రిల్|ఏప్రి మే జూన్ జులై ఆగస్టు|ఆగ సెప్టెంబర్|సెప్టెం అక్టోబర్|అక్టో నవంబర్|నవం డిసెంబర్|డిసెం"),
    "tg": (
        "январ|янв феврал|фев март|мар апрел|апр май июн июл август|авг сентябр|сен октябр|окт ноябр|ноя декабр|дек"
    ),
    "th": (
        "มกราคม|ม.ค กุมภาพันธ์|ก.พ มีนาคม|มี.ค เมษายน|เม.ย พฤษภาคม|พ.ค มิถุนายน|มิ.ย กรกฎาคม|ก.ค สิงหาคม|ส.ค กันยายน|ก.ย "
        "ตุลาคม|ต.ค พฤศจิกายน|พ.ย ธันวาคม|ธ.ค"
    ),
    "tk": (
        "ýanwar|ýan fewral|few mart|mar aprel|apr maý iýun iýul awgust|awg sentýabr|sen oktýabr|okt noýabr|noý dekabr|dek"
    ),
    "tr": (
        "ocak|oca şubat|şub mart|mar nisan|nis mayıs|may haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki kasım|kas "
        "aralık|ara"
    ),
    "uk": (
        "січня|січень|січ лютого|лютий|лют березня|березень|бер квітня|квітень|квіт травня|травень|трав "
        "червня|червень|черв липня|липень|лип серпня|серпень|серп вересня|вересень|вер жовтня|жовтень|жовт "
        "листопада|листопад|лист грудня|грудень|груд"
    ),
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "uz": (
        "yanvar|yan fevral|fev mart|mar aprel|apr may iyun|iyn iyul|iyl avgust|avg sentabr|sen oktabr|okt noyabr|noy "
        "dekabr|dek"
    ),
    "xh": (
        "janyuwari|jan februwari|feb matshi|mat epreli|epr meyi|mey juni|jun julayi|jul agasti|aga septemba|sept|sep "
        "okthobha|okthoba|okt novemba|nov disemba|dis"
    ),
    "yo": (
        "oṣù_ṣẹ́rẹ́ oṣù_èrèlè oṣù_ẹrẹ̀nà oṣù_ìgbé oṣù_ẹ̀bibi oṣù_òkúdu oṣù_agẹmọ oṣù_ògún oṣù_owewe oṣù_ọ̀wàrà oṣù_bélú "
        "oṣù_ọ̀pẹ̀"
    ),
    "zu": (
        "januwari|jan februwari|feb mashi|mas ephreli|eph meyi|mey juni|jun julayi|jul agasti|aga septhemba|sep "
        "okthoba|okt novemba|nov disemba|dis"
    ),
}
_PERSIAN: Final = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"


def _table() -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Return the months by their names: of all languages, as far as these agree, and of those that do not, by language."""
    every: dict[str, dict[int, list[str]]] = {}
    for language, months in _NAMES.items():
        for number, forms in enumerate(months.split(), start=1):
            for form in forms.split("|"):
                every.setdefault(form.replace("_", " "), {}).setdefault(number, []).append(language)
    agreed = {form: next(iter(numbers)) for form, numbers in every.items() if len(numbers) == 1}
    own: dict[str, dict[str, int]] = {}
    for form, numbers in every.items():
        if len(numbers) > 1:
            for number, languages in numbers.items():
                for language in languages:
                    own.setdefault(language, {})[form] = number
    return agreed, own


_AGREED, _OWN = _table()
_OF_PERSIA: Final = {name: number for number, name in enumerate(_PERSIAN.split(), start=1)}


def month(name: str, language: str = "") -> int:
    """Return the number of a month by its name, 0 if it is none that is known.

    Args:
        name: in any case, with or without a dot.
        language: BCP 47, which decides where languages use one name for two months: "listopad" is October and November.
    """
    key = name.casefold().strip(". ")
    return _OWN.get(language.partition("-")[0], {}).get(key, 0) or _AGREED.get(key, 0)


def persian_month(name: str) -> int:
    """Return the number of a month of the Solar Hijri calendar by its Persian name, 0 if it is none."""
    return _OF_PERSIA.get(name, 0)
