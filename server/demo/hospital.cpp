#include "server/demo/hospital.h"

namespace wardline::demo {
namespace {

using policy::Employment;
using enum policy::Role;

constexpr std::string_view kCardiology = "Cardiology";
constexpr std::string_view kMedicine = "4 West Medicine";
constexpr std::string_view kLaboratory = "Laboratory";
constexpr std::string_view kOncology = "Oncology";
constexpr std::string_view kOperations = "Information and Privacy";

// Two Anna Schmidts on purpose: one in Cardiology, one in Oncology (SAF-4).
constexpr Colleague kColleagues[] = {
    {"anna.schmidt", "Anna Schmidt", clinician, Employment::staff, "Attending cardiologist", kCardiology,
     "Cardiology clinic"},
    {"a.schmidt.onc", "Anna Schmidt", clinician, Employment::staff, "Attending oncologist", kOncology,
     "Oncology day unit"},
    {"omar.haddad", "Omar Haddad", clinician, Employment::staff, "Interventional cardiologist", kCardiology,
     "Catheter laboratory"},
    {"grace.okafor", "Grace Okafor", charge_nurse, Employment::staff, "Charge nurse", kMedicine, "4 West"},
    {"linh.nguyen", "Linh Nguyen", resident, Employment::staff, "Resident, year 2", kMedicine, "4 West"},
    {"diego.morales", "Diego Morales", resident, Employment::staff, "Resident, year 1", kCardiology,
     "Cardiology clinic"},
    {"ruth.cohen", "Ruth Cohen", clinician, Employment::staff, "Attending physician", kMedicine, "4 West"},
    {"samuel.price", "Samuel Price", nurse, Employment::staff, "Registered nurse", kMedicine, "4 West"},
    {"aiko.tanaka", "Aiko Tanaka", nurse, Employment::staff, "Registered nurse", kCardiology,
     "Cardiology clinic"},
    {"kwame.mensah", "Kwame Mensah", clinician, Employment::contractor, "Locum physician", kMedicine,
     "4 West"},
    {"priya.raman", "Priya Raman", clinician, Employment::staff, "Clinical pathologist", kLaboratory,
     "Laboratory"},
    {"jon.smith", "Jon Smith", nurse, Employment::staff, "Medical technologist", kLaboratory, "Laboratory"},
    {"john.smyth", "John Smyth", nurse, Employment::staff, "Oncology nurse", kOncology, "Oncology day unit"},
    {"fatima.alsayed", "Fatima Al-Sayed", clinician, Employment::staff, "Haematologist", kOncology,
     "Oncology day unit"},
    {"helen.brooks", "Helen Brooks", privacy_officer, Employment::staff, "Privacy officer", kOperations,
     "Administration"},
    {"peter.novak", "Petr Novák", admin, Employment::staff, "IT administrator", kOperations,
     "Administration"},
};

const OnCallPlan kPlans[] = {
    {"Cardiology on call", kCardiology, {"omar.haddad", "anna.schmidt"}},
    {"Cardiology resident on call", kCardiology, {"diego.morales", "linh.nguyen"}},
    {"4 West charge nurse", kMedicine, {"grace.okafor", "samuel.price"}},
    {"4 West physician on call", kMedicine, {"ruth.cohen", "kwame.mensah", "linh.nguyen"}},
    {"Laboratory critical results", kLaboratory, {"priya.raman", "jon.smith"}},
    {"Oncology on call", kOncology, {"fatima.alsayed", "a.schmidt.onc"}},
};

// Record numbers end in a Luhn check digit. Several patients share a name, a birth date, or nearly either.
constexpr DemoPatient kPatients[] = {
    {"Hernández", "María", "1950-02-28", "female", "40012346", kMedicine, "4 West", "12A", "Penicillin"},
    {"Hernandez", "Maria", "1950-02-28", "female", "40012353", kMedicine, "4 West", "12B", "Latex"},
    {"Hernandez", "Mario", "1951-02-28", "male", "40012361", kCardiology, "Cardiology clinic", "C3", ""},
    {"Smith", "John", "1972-11-03", "male", "40012379", kMedicine, "4 West", "14A", ""},
    {"Smith", "Jon", "1972-03-11", "male", "40012387", kMedicine, "4 West", "14B", "Sulfonamides"},
    {"Smyth", "John", "1965-07-19", "male", "40012395", kOncology, "Oncology day unit", "D1", ""},
    {"Johnson", "Emily", "1988-05-21", "female", "40012403", kMedicine, "4 West", "15A",
     "Peanuts;Penicillin"},
    {"Johnston", "Emily", "1988-05-12", "female", "40012411", kMedicine, "4 West", "15B", ""},
    {"Lee", "Min-jun", "1979-09-30", "male", "40012429", kCardiology, "Cardiology clinic", "C1",
     "Iodinated contrast"},
    {"Li", "Minjun", "1997-09-30", "male", "40012437", kCardiology, "Cardiology clinic", "C2", ""},
    {"O'Brien", "Siobhán", "1944-12-01", "female", "40012445", kMedicine, "4 West", "16A", "Aspirin"},
    {"OBrien", "Siobhan", "1974-12-01", "female", "40012452", kOncology, "Oncology day unit", "D2", ""},
    {"Müller", "Jürgen", "1939-06-14", "male", "40012460", kCardiology, "Catheter laboratory", "R1", ""},
    {"Mueller", "Jurgen", "1959-06-14", "male", "40012478", kCardiology, "Cardiology clinic", "C4",
     "Heparin"},
    {"Williams", "Denise", "1962-01-17", "female", "40012486", kMedicine, "4 West", "17A", ""},
    {"Williamson", "Denise", "1962-10-17", "female", "40012494", kMedicine, "4 West", "17B", "Codeine"},
    {"Garcia", "Ana", "1991-04-08", "female", "40012502", kOncology, "Oncology day unit", "D3", ""},
    {"Garcia", "Anna", "1991-08-04", "female", "40012510", kOncology, "Oncology day unit", "D4",
     "Ondansetron"},
    {"Brown", "Michael", "1955-03-22", "male", "40012528", kCardiology, "Cardiology clinic", "C5", ""},
    {"Browne", "Michael", "1955-03-22", "male", "40012536", kMedicine, "4 West", "18A", "Statins"},
    {"Nguyen", "Thi Lan", "1983-07-02", "female", "40012544", kMedicine, "4 West", "18B", ""},
    {"Nguyen", "Thi Lanh", "1938-07-02", "female", "40012551", kMedicine, "4 West", "19A", "Shellfish"},
    {"Kowalski", "Piotr", "1968-10-25", "male", "40012569", kCardiology, "Catheter laboratory", "R2", ""},
    {"Kowalska", "Petra", "1986-10-25", "female", "40012577", kOncology, "Oncology day unit", "D5",
     "Penicillin"},
    {"Ali", "Mohammed", "1977-01-01", "male", "40012585", kMedicine, "4 West", "19B", ""},
    {"Aly", "Mohamed", "1977-01-01", "male", "40012593", kMedicine, "4 West", "20A", ""},
    {"Davis", "Jordan", "2003-02-14", "other", "40012601", kMedicine, "4 West", "20B", "Eggs"},
    {"Thompson", "Ruby", "1947-08-29", "female", "40012619", kCardiology, "Cardiology clinic", "C6",
     "Amiodarone"},
    {"Thomson", "Ruby", "1949-08-29", "female", "40012627", kOncology, "Oncology day unit", "D6", ""},
    {"Adeyemi", "Tunde", "1994-11-11", "male", "40012635", kCardiology, "Cardiology clinic", "C7", ""},
};

}  // namespace

std::span<const Colleague> colleagues() { return kColleagues; }
std::span<const OnCallPlan> on_call_plans() { return kPlans; }
std::span<const DemoPatient> patients() { return kPatients; }

}  // namespace wardline::demo
